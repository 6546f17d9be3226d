/** What a coordinator and the threads of its updates tell one another. */

import type { GradientFormat } from '@lockstep/protocol/core';
import type { MemoryPlace } from '@lockstep/protocol/process-memory';
import type { OptimizerSpec } from '@lockstep/spec';
import type { ClipOptions } from './core/clip.js';
import type { Stretch } from './core/penalties.js';
import { PART_ELEMENTS, type PassTask } from './core/update-pass.js';

/** What a thread is told at its start. */
export interface ThreadStart {
  readonly clip: ClipOptions;
  readonly optimizer: OptimizerSpec;
  readonly stretches: readonly Stretch[];
  readonly format: GradientFormat['name'];
  /** Shared memory of a {@link PartStates}. */
  readonly parts: Int32Array;
}

/** A {@link PassTask}, with the places of its arrays. It is answered with null once nothing is left to take. */
export interface ThreadTask extends Omit<PassTask, 'vectors' | 'squares'> {
  readonly elementCount: number;
  readonly vectors: Readonly<Record<string, MemoryPlace>>;
  readonly squares: MemoryPlace | null;
}

/** What has become of a part. */
export const PartState = { open: 0, begun: 1, done: 2, notFinite: 3 } as const;

/** Parts of one pass, in memory that threads share: the number of the next one to take, then the state of each. */
export class PartStates {
  readonly #words: Int32Array;

  /** @param words one more than there are parts */
  constructor(words: Int32Array) {
    this.#words = words;
  }

  /** Words for a vector of a length. */
  static words(elementCount: number): Int32Array {
    return new Int32Array(new SharedArrayBuffer(4 * (1 + Math.ceil(elementCount / PART_ELEMENTS))));
  }

  get count(): number {
    return this.#words.length - 1;
  }

  /** Opens all. */
  reset(): void {
    this.#words.fill(0);
  }

  /** Begins the next open part. @returns its number; null where none is left */
  take(): number | null {
    const part = Atomics.add(this.#words, 0, 1);
    if (part >= this.count) return null;
    Atomics.store(this.#words, 1 + part, PartState.begun);
    return part;
  }

  end(part: number, allFinite: boolean): void {
    Atomics.store(this.#words, 1 + part, allFinite ? PartState.done : PartState.notFinite);
  }

  state(part: number): number {
    return Atomics.load(this.#words, 1 + part);
  }
}
