/** float16 as in IEEE 754 (binary16): 11 significant bits between 2^-14 and 65,504. Pure arithmetic on words. */

const SIGN_CODE = 0x8000;
const SIZE_BITS = 0x7fffffff;
const INFINITY_BITS = 0x7f800000;
const INFINITY_CODE = 0x7c00;
const NAN_CODE = 0x7e00;
/** 2^-14, the smallest float16 of full precision. */
const SMALLEST_NORMAL_BITS = 0x38800000;
/** 65,520, from which on the nearest is infinite. */
const OVERFLOW_BITS = 0x477ff000;
/** Between the exponents of both types, in the place of float32's. */
const BIAS_BITS = 0x38000000;
/** Added to a number below 2^52 and taken away again, it leaves a whole number, ties to even. */
const ROUND_TO_WHOLE = 2 ** 52;

const words = new Int32Array(1);
const values = new Float32Array(words.buffer);

/**
 * The code nearest to a float32, ties to even. Sizes below 2^-14 are rounded to multiples of 2^-24, and what becomes 0
 * is +0; each NaN is 0x7e00.
 */
export function float16Code(word: number): number {
  const size = word & SIZE_BITS;
  const sign = (word >>> 16) & SIGN_CODE;
  if (size > INFINITY_BITS) return NAN_CODE;
  if (size >= OVERFLOW_BITS) return sign | INFINITY_CODE;
  if (size >= SMALLEST_NORMAL_BITS) return sign | ((size - BIAS_BITS + 0xfff + ((size >>> 13) & 1)) >>> 13);
  words[0] = size;
  const multiple = values[0]! * 2 ** 24 + ROUND_TO_WHOLE - ROUND_TO_WHOLE;
  return multiple === 0 ? 0 : sign | multiple;
}

/** The float32 of a code. */
export function float16Word(code: number): number {
  const size = code & ~SIGN_CODE;
  const sign = (code & SIGN_CODE) << 16;
  if (size >= INFINITY_CODE) return sign | INFINITY_BITS | ((size & 0x3ff) << 13);
  if (size >= 0x400) return sign | ((size << 13) + BIAS_BITS);
  values[0] = size * 2 ** -24;
  return sign | words[0]!;
}
