/** Statistics of training columns in float64 over fixed blocks, so that they never depend on threads or workers. */

/** Values of one block. */
const BLOCK_ROWS = 4096;

/** Count, mean and sum of squared deviations of some values. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly squares: number;
}

/** Moments of both parts (Chan, Golub and LeVeque 1979). */
export function mergeMoments(left: Moments, right: Moments): Moments {
  if (left.count === 0) return right;
  if (right.count === 0) return left;
  const count = left.count + right.count;
  const delta = right.mean - left.mean;
  return {
    count,
    mean: left.mean + (delta * right.count) / count,
    squares: left.squares + right.squares + (delta * delta * left.count * right.count) / count,
  };
}

/**
 * Moments of a block: the mean, refined once by the mean of the deviations, then the squares of those from it.
 * So a constant block has its constant for a mean, and no deviation that scaling would blow up.
 */
function blockMoments(values: Float64Array): Moments {
  let sum = 0;
  for (const value of values) sum += value;
  const rough = sum / values.length;
  let rest = 0;
  for (const value of values) rest += value - rough;
  const mean = rough + rest / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) * (value - mean);
  return { count: values.length, mean, squares };
}

function mergeTree(blocks: readonly Moments[]): Moments {
  if (blocks.length === 0) return { count: 0, mean: 0, squares: 0 };
  if (blocks.length === 1) return blocks[0]!;
  const half = 2 ** Math.floor(Math.log2(blocks.length - 1));
  return mergeMoments(mergeTree(blocks.slice(0, half)), mergeTree(blocks.slice(half)));
}

/** Statistics of one numeric column over its training rows, in row order. */
export class NumberStatistics {
  minimum = Number.POSITIVE_INFINITY;
  maximum = Number.NEGATIVE_INFINITY;
  nullCount = 0;
  readonly #block = new Float64Array(BLOCK_ROWS);
  readonly #blocks: Moments[] = [];
  /** All values where they are kept, with room for more. */
  #values: Float64Array | null;
  #valueCount = 0;
  #sorted: Float64Array | null = null;
  #filled = 0;

  /** @param keepValues keeps every value, which median, mode and quantiles need */
  constructor(keepValues: boolean) {
    this.#values = keepValues ? new Float64Array(BLOCK_ROWS) : null;
  }

  /** Takes one value; null is missing. */
  add(value: number | null): void {
    if (value === null) {
      this.nullCount++;
      return;
    }
    this.minimum = Math.min(this.minimum, value);
    this.maximum = Math.max(this.maximum, value);
    if (this.#values) this.#keep(this.#values, value);
    this.#block[this.#filled++] = value;
    if (this.#filled === BLOCK_ROWS) this.#close();
  }

  /** Takes values in row order; NaN is missing. */
  addAll(values: Float64Array): void {
    for (const value of values) this.add(Number.isNaN(value) ? null : value);
  }

  /** Moments of the values that are there. */
  moments(): Moments {
    this.#close();
    return mergeTree(this.#blocks);
  }

  /** Middle value, or the mean of the two middle ones. */
  median(): number {
    const sorted = this.sorted();
    const middle = sorted.length >>> 1;
    return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  }

  /** Most frequent value; the smallest of several. */
  mode(): number {
    const sorted = this.sorted();
    let best = sorted[0]!;
    let bestCount = 0;
    for (let start = 0; start < sorted.length; ) {
      let end = start + 1;
      while (end < sorted.length && sorted[end] === sorted[start]) end++;
      if (end - start > bestCount) {
        best = sorted[start]!;
        bestCount = end - start;
      }
      start = end;
    }
    return best;
  }

  /** The values that are there, in ascending order. */
  sorted(): Float64Array {
    if (!this.#values) throw new Error('values of this column were not kept');
    this.#sorted ??= this.#values.slice(0, this.#valueCount).sort();
    return this.#sorted;
  }

  #keep(values: Float64Array, value: number): void {
    this.#sorted = null;
    if (this.#valueCount === values.length) {
      this.#values = new Float64Array(2 * values.length);
      this.#values.set(values);
    }
    this.#values![this.#valueCount++] = value;
  }

  #close(): void {
    if (this.#filled === 0) return;
    this.#blocks.push(blockMoments(this.#block.subarray(0, this.#filled)));
    this.#filled = 0;
  }
}
