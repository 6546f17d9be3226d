"""One of two data-parallel processes whose step time the bench compares with: PyTorch DDP over gloo on the CPU.

Told as JSON in its first argument: features, units, loss, rows, warmUp, steps, rank, port. Rank 0 prints one JSON line:
the seconds from its start to its first step, and for each variant of DDP the milliseconds of each measured step. A step is
forward, loss, backward (with its all-reduce) and SGD on fixed synthetic rows.
"""
import json
import os
import sys
import time

started = time.time()
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

VARIANTS = {
    "default": {},
    "tuned": {"gradient_as_bucket_view": True, "static_graph": True, "bucket_cap_mb": 8},
}

task = json.loads(sys.argv[1])
rank, rows, features = task["rank"], task["rows"], task["features"]
os.environ.update({"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(task["port"])})
torch.set_num_threads(1)
dist.init_process_group("gloo", rank=rank, world_size=2)


def model_of():
    torch.manual_seed(42)
    widths = [features, *task["units"]]
    layers = []
    for index, (before, after) in enumerate(zip(widths, widths[1:])):
        layers.append(nn.Linear(before, after))
        if index < len(widths) - 2:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def batch_of():
    torch.manual_seed(rank)
    inputs = torch.rand(rows, features) * 2 - 1
    if task["loss"] == "binaryCrossEntropy":
        return inputs, (torch.arange(rows) % 2).float().unsqueeze(1), nn.BCEWithLogitsLoss()
    return inputs, torch.arange(rows) % task["units"][-1], nn.CrossEntropyLoss()


first = None
measured = {}
for name, options in VARIANTS.items():
    model = DistributedDataParallel(model_of(), **options)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    inputs, targets, loss_of = batch_of()
    times = []
    for step in range(task["warmUp"] + task["steps"]):
        begin = time.perf_counter()
        optimizer.zero_grad()
        loss_of(model(inputs), targets).backward()
        optimizer.step()
        if first is None:
            first = time.time() - started
        if step >= task["warmUp"]:
            times.append((time.perf_counter() - begin) * 1000)
    dist.barrier()
    measured[name] = times
    del model, optimizer
if rank == 0:
    print(json.dumps({"toFirstStepSeconds": first, "variants": measured}), flush=True)
dist.destroy_process_group()
