"""A data-parallel worker for torchrun, whose recovery bench/recovery.ts measures.

It trains a small classifier on synthetic rows with DDP over gloo, saves a checkpoint every SAVE_EVERY steps, goes on
from it after a restart, and writes one line a step to DIR/steps-<rank>.jsonl: pid, step, Unix seconds.

    torchrun --standalone --nproc-per-node 2 --max-restarts 3 bench/peers/torchrun_recovery.py DIR STEPS
"""
import json
import os
import sys
import time
from pathlib import Path

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel

SAVE_EVERY = 20
ROWS = 32

folder, steps = Path(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(1)
torch.manual_seed(42)
dist.init_process_group("gloo")
rank = dist.get_rank()
model = torch.nn.Sequential(
    torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)
)
optimizer = torch.optim.Adam(model.parameters())
saved = folder / "checkpoint.pt"
first = 0
if saved.exists():
    state = torch.load(saved, weights_only=True)
    model.load_state_dict(state["model"])
    optimizer.load_state_dict(state["optimizer"])
    first = state["step"]
ddp = DistributedDataParallel(model)
loss_of = torch.nn.CrossEntropyLoss()
with open(folder / f"steps-{rank}.jsonl", "a", buffering=1) as log:
    for step in range(first, steps):
        generator = torch.Generator().manual_seed(step * 1000 + rank)
        rows = torch.rand(ROWS, 64, generator=generator)
        targets = torch.randint(0, 10, (ROWS,), generator=generator)
        optimizer.zero_grad()
        loss_of(ddp(rows), targets).backward()
        optimizer.step()
        if rank == 0 and (step + 1) % SAVE_EVERY == 0:
            partial = folder / "checkpoint.partial"
            torch.save(
                {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}, partial
            )
            os.replace(partial, saved)
        log.write(json.dumps({"pid": os.getpid(), "step": step + 1, "seconds": time.time()}) + "\n")
dist.destroy_process_group()
