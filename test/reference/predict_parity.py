"""Scores a raw CSV with model.onnx in onnxruntime: python predict_parity.py MODEL DATA > PREDICTIONS

Knows nothing of Lockstep but the signature in the file: one input per raw column, named as the column, [N, 1], double
for numbers (NaN is missing) or string for text ('' is missing); outputs prediction [N] and, for a classifier,
probabilities [N, C] in the order of the metadata key lockstep.labels. Writes the columns that `lockstep predict` writes:
prediction, then probability (of the second label) for two classes, probability_LABEL for more. Needs onnxruntime and
numpy.
"""

import csv
import json
import sys

import numpy as np
import onnxruntime


def column_of(name, kind, rows):
    cells = [row[name] for row in rows]
    if kind == "tensor(double)":
        return np.array([[float(cell) if cell else np.nan] for cell in cells], dtype=np.float64)
    if kind == "tensor(string)":
        return np.array([[cell] for cell in cells], dtype=object)
    raise SystemExit(f"the input {name} is a {kind}")


def table_of(session, rows):
    feeds = {place.name: column_of(place.name, place.type, rows) for place in session.get_inputs()}
    names = [place.name for place in session.get_outputs()]
    outputs = dict(zip(names, session.run(names, feeds)))
    metadata = session.get_modelmeta().custom_metadata_map
    predictions = outputs["prediction"].tolist()
    if metadata["lockstep.task"] == "regression":
        return ["prediction"], [[value] for value in predictions]
    probabilities = outputs["probabilities"].tolist()
    if metadata["lockstep.task"] == "binary":
        return ["prediction", "probability"], [[label, shares[1]] for label, shares in zip(predictions, probabilities)]
    header = ["prediction"] + [f"probability_{label}" for label in json.loads(metadata["lockstep.labels"])]
    return header, [[label, *shares] for label, shares in zip(predictions, probabilities)]


def main(model, data):
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    with open(data, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    header, table = table_of(session, rows)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[repr(cell) if isinstance(cell, float) else cell for cell in row] for row in table])


if __name__ == "__main__":
    main(*sys.argv[1:])
