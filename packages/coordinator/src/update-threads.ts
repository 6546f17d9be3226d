/** Threads that share the passes of a job's updates. What one that ends leaves undone is done here. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { inTurns } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { placeOf } from '@lockstep/protocol/process-memory';
import type { OptimizerSpec } from '@lockstep/spec';
import { lengthOf, type PassAnswer, passesOf, type UpdateInput, type UpdateRule } from './core/update.js';
import { PART_ELEMENTS, type PassTask } from './core/update-pass.js';
import { PartState, PartStates, type ThreadStart, type ThreadTask } from './update-parts.js';

/** What threads are made of. */
export interface ThreadOptions {
  readonly rule: UpdateRule;
  readonly optimizer: OptimizerSpec;
  readonly count: number;
  /** Told once, of the first thread that ends. */
  readonly onEnded: (why: string) => void;
  /** @default a thread of update-thread.js */
  readonly start?: (start: ThreadStart) => Worker;
}

/** Threads of one job. */
export class UpdateThreads {
  readonly #rule: UpdateRule;
  readonly #parts: PartStates;
  readonly #threads: readonly Thread[];
  /** Arrays whose places threads know: nothing else may hold them. */
  #held: PassTask | null = null;

  constructor({ rule, optimizer, count, onEnded, start = startThread }: ThreadOptions) {
    this.#rule = rule;
    const words = PartStates.words(rule.layout.elementCount);
    this.#parts = new PartStates(words);
    const told = (why: string): void => {
      if (this.#threads.filter(({ hasEnded }) => hasEnded).length === 1) onEnded(why);
    };
    const { clip, stretches, format } = rule;
    this.#threads = Array.from(
      { length: count },
      () => new Thread(start({ clip, optimizer, stretches, format: format.name, parts: words }), told),
    );
  }

  /** Whether all are there. */
  get areWhole(): boolean {
    return this.#threads.every(({ hasEnded }) => !hasEnded);
  }

  /** Does an update as `update` of core does. @throws as that, and UPDATE_INTERRUPTED where a thread ended in a part that cannot be repeated */
  async update(input: UpdateInput): Promise<void> {
    const passes = passesOf(this.#rule, input);
    let asked = passes.next(null);
    while (!asked.done) asked = passes.next(await this.#run(asked.value));
  }

  /** Ends all. */
  close(): void {
    for (const thread of this.#threads) thread.close();
  }

  async #run(task: PassTask): Promise<PassAnswer> {
    const { vectors, squares, ...rest } = task;
    const places = Object.entries(vectors).map(([name, vector]) => [name, placeOf(vector)]);
    const told: ThreadTask = {
      ...{ ...rest, elementCount: lengthOf(task) },
      ...{ vectors: Object.fromEntries(places), squares: squares && placeOf(squares) },
    };
    this.#parts.reset();
    this.#held = task;
    await Promise.all(this.#threads.map((thread) => thread.run(told)));
    await inTurns(this.#finish(this.#held));
    this.#held = null;
    const parts = Array.from({ length: this.#parts.count }, (_, part) => part);
    const fault = parts.find((part) => this.#parts.state(part) === PartState.notFinite);
    return fault === undefined ? null : fault * PART_ELEMENTS;
  }

  /** Does the parts that threads have left. */
  *#finish(task: PassTask): Generator<void, void> {
    const length = lengthOf(task);
    for (let part = 0; part < this.#parts.count; part++) {
      const state = this.#parts.state(part);
      if (state === PartState.done || state === PartState.notFinite) continue;
      if (state === PartState.begun && !task.isRepeatable) throw interrupted();
      const start = part * PART_ELEMENTS;
      this.#parts.end(part, this.#rule.runner.run(task, start, Math.min(length, start + PART_ELEMENTS)));
      yield;
    }
  }
}

/** One thread; it has at most one task at a time. */
class Thread {
  readonly #worker: Worker;
  #done: (() => void) | null = null;
  #why: string | null = null;

  constructor(worker: Worker, onEnded: (why: string) => void) {
    this.#worker = worker;
    worker.unref();
    worker.on('message', () => this.#finish());
    worker.on('error', (error) => {
      this.#why ??= error.message;
    });
    worker.once('exit', (code) => {
      this.#why ??= `exit code ${code}`;
      onEnded(this.#why);
      this.#finish();
    });
  }

  get hasEnded(): boolean {
    return this.#why !== null;
  }

  /** Settles when the thread takes no more parts. */
  run(task: ThreadTask): Promise<void> {
    if (this.hasEnded) return Promise.resolve();
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#worker.postMessage(task);
    });
  }

  close(): void {
    this.#worker.removeAllListeners('exit');
    void this.#worker.terminate();
  }

  #finish(): void {
    this.#done?.();
    this.#done = null;
  }
}

/** Starts a thread. */
export function startThread(workerData: ThreadStart): Worker {
  return new Worker(entryPath(), { workerData, execArgv: [] });
}

/** The compiled entry; sources run from `src` beside `dist`, which only a build has. */
function entryPath(): string {
  const beside = fileURLToPath(new URL('./update-thread.js', import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL('../dist/update-thread.js', import.meta.url));
}

function interrupted(): LockstepError {
  return new LockstepError('UPDATE_INTERRUPTED');
}
