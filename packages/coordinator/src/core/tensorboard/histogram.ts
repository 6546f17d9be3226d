/** What TensorBoard draws of a tensor: how many of its values lie between which limits. */

/** Buckets of equal width between the least and the largest value: as many as TensorBoard's own writer makes. */
const BUCKETS = 30;

/** Of the finite values. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  /** How many there are. */
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Upper ends, ascending. */
  readonly limits: readonly number[];
  readonly counts: readonly number[];
}

/** Counts values; null where none is finite. */
export function histogramOf(values: Float32Array): Histogram | null {
  const sums = sumsOf(values);
  const { min, max, num } = sums;
  if (num === 0) return null;
  if (min === max) return { ...sums, limits: [max], counts: [num] };
  const width = (max - min) / BUCKETS;
  const counts = countsOf(values, min, width);
  const limits = counts.map((_, bucket) => (bucket === BUCKETS - 1 ? max : min + width * (bucket + 1)));
  return { ...sums, limits, counts };
}

// Nothing below is a variable of a closure, which would make it several times slower.

function sumsOf(values: Float32Array): Omit<Histogram, 'limits' | 'counts'> {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let num = 0;
  let sum = 0;
  let sumSquares = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    num++;
    sum += value;
    sumSquares += value * value;
  }
  return { min, max, num, sum, sumSquares };
}

function countsOf(values: Float32Array, min: number, width: number): number[] {
  const counts = new Array<number>(BUCKETS).fill(0);
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (!Number.isFinite(value)) continue;
    const bucket = Math.min(Math.floor((value - min) / width), BUCKETS - 1);
    counts[bucket] = counts[bucket]! + 1;
  }
  return counts;
}
