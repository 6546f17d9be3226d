/** Float32 arithmetic as every path does it: one rounding per operation, results below 2^-126 are +0. */

const SMALLEST_NORMAL = 2 ** -126;

/** A value as a normal float32: rounded, subnormals flushed to +0. */
export function normal(value: number): number {
  const rounded = Math.fround(value);
  return rounded < SMALLEST_NORMAL && rounded > -SMALLEST_NORMAL ? 0 : rounded;
}

/** What an addition of the tree takes of a float32: to the nearest of the format, found by division, ties to even. */
export function plainOperand(value: number, format: 'float32' | 'bfloat16' | 'float16'): number {
  if (!Number.isFinite(value)) return value;
  const size = Math.abs(format === 'float16' ? value : normal(value));
  if (format === 'float32' || size === 0) return normal(value);
  let power = 2 ** Math.floor(Math.log2(size));
  if (power > size) power /= 2;
  if (power * 2 <= size) power *= 2;
  const step = format === 'bfloat16' ? power * 2 ** -7 : Math.max(power * 2 ** -10, 2 ** -24);
  const count = size / step;
  const whole = Math.floor(count);
  const up = count - whole > 0.5 || (count - whole === 0.5 && whole % 2 === 1);
  const rounded = (whole + (up ? 1 : 0)) * step;
  const largest = format === 'bfloat16' ? 2 ** 128 * (1 - 2 ** -8) : 65_504;
  const found = rounded > largest ? Number.POSITIVE_INFINITY : rounded;
  return value < 0 && found > 0 ? -found : found;
}
