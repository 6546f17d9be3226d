/** A thread that takes part in the passes of a job's updates: it takes part after part until all are taken. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { GRADIENT_FORMATS } from '@lockstep/protocol/core';
import { type MemoryPlace, memoryAt } from '@lockstep/protocol/process-memory';
import { createOptimizer } from './core/optimizers/table.js';
import { UpdateKernels } from './core/update-kernels.js';
import { PART_ELEMENTS, PassRunner } from './core/update-pass.js';
import { PartStates, type ThreadStart, type ThreadTask } from './update-parts.js';

/** Windows on memory that many tasks name; those of memory that is gone are never looked through. */
class Windows {
  readonly #known = new Map<string, ArrayBuffer>();

  at(place: MemoryPlace): ArrayBuffer {
    const key = `${place.address}+${place.byteLength}`;
    const found = this.#known.get(key) ?? memoryAt(place);
    this.#known.delete(key);
    this.#known.set(key, found);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_WINDOWS) break;
      this.#known.delete(oldest);
    }
    return found;
  }
}

const MAX_WINDOWS = 64;

function serve(port: MessagePort, { clip, optimizer, stretches, format, parts: words }: ThreadStart): void {
  const kernels = new UpdateKernels(clip, createOptimizer(optimizer, 0), GRADIENT_FORMATS[format]);
  const runner = new PassRunner(stretches, kernels);
  const parts = new PartStates(words);
  const windows = new Windows();
  port.on('message', ({ elementCount, ...task }: ThreadTask) => {
    const places = Object.entries(task.vectors);
    const vectors = Object.fromEntries(places.map(([name, place]) => [name, new Float32Array(windows.at(place))]));
    const squares = task.squares && new Float64Array(windows.at(task.squares));
    for (let part = parts.take(); part !== null; part = parts.take()) {
      const start = part * PART_ELEMENTS;
      const end = Math.min(elementCount, start + PART_ELEMENTS);
      parts.end(part, runner.run({ ...task, vectors, squares }, start, end));
    }
    port.postMessage(null);
  });
}

serve(parentPort as MessagePort, workerData as ThreadStart);
