/** One pass of an update over memory, or a part of it: whoever runs which part, the bits are the same. Pure. */
import { NORM_BLOCK_ELEMENTS, sumSquares } from './clip.js';
import type { Stretch } from './penalties.js';
import type { Pass, UpdateKernels } from './update-kernels.js';

/** Elements of a part: the least that is worth handing out, and whole blocks of the norm. */
export const PART_ELEMENTS = 16 * NORM_BLOCK_ELEMENTS;

/** A pass over all elements. */
export interface PassTask {
  readonly pass: Pass;
  /** All of one length, by the names of the formulas: the operands of the last sum, parameters, `next`, the state. */
  readonly vectors: Readonly<Record<string, Float32Array>>;
  /** Operands of the last sum: `gradient0`, `gradient1`. */
  readonly operandCount: number;
  readonly scalars: Readonly<Record<string, number>>;
  /** Receives the sum of squares of each block of the norm, in the pass that measures it. */
  readonly squares: Float64Array | null;
  /** Whether a part may be run again: not where it writes what it reads. */
  readonly isRepeatable: boolean;
}

/** Runs parts of passes, with memory for a part's gradient. */
export class PassRunner {
  readonly #stretches: readonly Stretch[];
  readonly #kernels: UpdateKernels;
  #gradient = new Float32Array(0);

  constructor(stretches: readonly Stretch[], kernels: UpdateKernels) {
    this.#stretches = stretches;
    this.#kernels = kernels;
  }

  /** Runs elements `start` to `end` - 1. @returns whether the gradient is finite, for passes that look */
  run(task: PassTask, start: number, end: number): boolean {
    if (task.pass !== 'cut') return this.#run(task, task.vectors, start, end);
    const gradient = this.#part(end - start);
    const allFinite = this.#run(task, partOf(task, start, end, gradient), 0, end - start, start);
    if (task.squares) sumSquares(gradient, task.squares.subarray(start / NORM_BLOCK_ELEMENTS));
    return allFinite;
  }

  /** The gradient of a part; the next call writes over it. */
  gradient(task: PassTask, start: number, end: number): Float32Array {
    const gradient = this.#part(end - start);
    this.#run({ ...task, pass: 'gradient' }, partOf(task, start, end, gradient), 0, end - start, start);
    return gradient;
  }

  #part(length: number): Float32Array {
    if (this.#gradient.length < length) this.#gradient = new Float32Array(length);
    return this.#gradient.subarray(0, length);
  }

  /** @param at where the vectors begin among all elements */
  #run(
    { pass, operandCount, scalars }: PassTask,
    vectors: PassTask['vectors'],
    start: number,
    end: number,
    at = 0,
  ): boolean {
    let allFinite = true;
    for (const stretch of this.#stretches) {
      const [from, to] = [Math.max(start, stretch.start - at), Math.min(end, stretch.end - at)];
      if (from >= to) continue;
      const kernel = this.#kernels.of(pass, operandCount, stretch.penaltyCount);
      const numbers = stretch.penaltyCount === 0 ? scalars : { ...scalars, ...stretch.scalars };
      allFinite = kernel.run(vectors, numbers, from, to) && allFinite;
    }
    return allFinite;
  }
}

/** The vectors of a part, with memory for its gradient. */
function partOf({ vectors }: PassTask, start: number, end: number, gradient: Float32Array): PassTask['vectors'] {
  const parts = Object.entries(vectors).map(([name, vector]) => [name, vector.subarray(start, end)]);
  return { ...Object.fromEntries(parts), gradient };
}
