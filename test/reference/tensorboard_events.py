"""Prints what TensorBoard's own loader reads of a folder: scalars, histograms, the graph, and what was damaged."""
import json
import logging
import sys

from tensorboard.backend.event_processing import event_accumulator, event_file_loader, io_wrapper
from tensorboard.compat.proto import graph_pb2

damaged = []


class Heard(logging.Handler):
    def emit(self, record):
        damaged.append(record.getMessage())


logging.getLogger("tensorboard").addHandler(Heard(logging.WARNING))
folder = sys.argv[1]
accumulator = event_accumulator.EventAccumulator(
    folder,
    size_guidance={event_accumulator.SCALARS: 0, event_accumulator.HISTOGRAMS: 0},
    purge_orphaned_data=False,
)
accumulator.Reload()
tags = accumulator.Tags()
graph = graph_pb2.GraphDef.FromString(accumulator.Graph().SerializeToString())
files = [path for path in io_wrapper.ListDirectoryAbsolute(folder) if io_wrapper.IsSummaryEventsFile(path)]
# The loader that the web server uses brings every value into today's form.
migrated = sum(1 for path in files for _ in event_file_loader.EventFileLoader(path).Load())
print(
    json.dumps(
        {
            "files": len(files),
            "events": migrated,
            "damaged": damaged,
            "scalars": {tag: [[e.step, e.value] for e in accumulator.Scalars(tag)] for tag in tags["scalars"]},
            "histograms": {
                tag: [
                    {
                        "step": e.step,
                        "num": e.histogram_value.num,
                        "min": e.histogram_value.min,
                        "max": e.histogram_value.max,
                        "counted": sum(e.histogram_value.bucket),
                    }
                    for e in accumulator.Histograms(tag)
                ]
                for tag in tags["histograms"]
            },
            "graph": [{"name": node.name, "op": node.op, "input": list(node.input)} for node in graph.node],
        }
    )
)
