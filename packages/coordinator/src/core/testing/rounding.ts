/** Float32 arithmetic as every path does it: one rounding per operation, results below 2^-126 are +0. */

const SMALLEST_NORMAL = 2 ** -126;

/** A value as a normal float32: rounded, subnormals flushed to +0. */
export function normal(value: number): number {
  const rounded = Math.fround(value);
  return rounded < SMALLEST_NORMAL && rounded > -SMALLEST_NORMAL ? 0 : rounded;
}
