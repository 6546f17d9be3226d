/** bfloat16, the upper half of a float32: its range with 8 significant bits. Pure arithmetic on words. */

const SIZE_BITS = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;
const SMALLEST_NORMAL_BITS = 0x00800000;
const NAN_CODE = 0x7fc0;

/** The code nearest to a float32, ties to even. Sizes below 2^-126 are +0 before they are rounded, each NaN is 0x7fc0. */
export function bfloat16Code(word: number): number {
  const size = word & SIZE_BITS;
  if (size < SMALLEST_NORMAL_BITS) return 0;
  if (size > INFINITY_BITS) return NAN_CODE;
  return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
}

/** The float32 of a code. */
export function bfloat16Word(code: number): number {
  return code << 16;
}
