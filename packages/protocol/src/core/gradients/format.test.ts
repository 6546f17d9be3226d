/** Tests of the number types of gradients: rounding, codes, and that every path gives the same bits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Formula, vector } from '../kernels/formula.js';
import { createKernel, createPortableKernel } from '../kernels/kernel.js';
import { addInPieces, roundOperand } from './addition.js';
import { bfloat16Code, bfloat16Word } from './bfloat16.js';
import { float16Code, float16Word } from './float16.js';
import { formatOfNode, GRADIENT_FORMATS, type GradientFormat, gradientFormat } from './format.js';

const { float32, bfloat16, float16 } = GRADIENT_FORMATS;
const HALVES = [
  { format: bfloat16, codeOf: bfloat16Code, wordOf: bfloat16Word, infinity: 0x7f80, smallest: 0x80 },
  { format: float16, codeOf: float16Code, wordOf: float16Word, infinity: 0x7c00, smallest: 1 },
] as const;

const SPECIAL_WORDS = [
  ...[0, 1, 0x007fffff, 0x00800000, 0x00800001, 0x3f800000, 0x3f7fffff, 0x7f7fffff, 0x7f800000, 0x7f800001],
  ...[0x7fc00000, 0x7fffffff, 0x477fefff, 0x477ff000, 0x387fffff, 0x38800000, 0x33000000, 0x33000001],
].flatMap((word) => [word, word | 0x80000000]);
const anyWord = fc.oneof(
  fc.constantFrom(...SPECIAL_WORDS),
  fc.integer(),
  fc.integer({ min: 0x32000000, max: 0x48000000 }),
);

function wordOfValue(value: number): number {
  return new Int32Array(Float32Array.of(value).buffer)[0]!;
}

function valueOfWord(word: number): number {
  return new Float32Array(Int32Array.of(word).buffer)[0]!;
}

function wordsOf(values: Float32Array): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length)];
}

/** What goes over the wire and comes out of it. */
function travelled(values: Float32Array, format: GradientFormat): Float32Array {
  const bytes = format.encoder(values.length)(values, { start: 0, end: values.length });
  expect(bytes.length).toBe(values.length * format.elementBytes);
  const odd = new Uint8Array(bytes.length + 1);
  odd.set(bytes, 1);
  const into = new Float32Array(values.length);
  format.decode(odd.subarray(1), into);
  return into;
}

function rounded(values: Float32Array, format: GradientFormat): Float32Array {
  const copy = values.slice();
  roundOperand(copy, format);
  return copy;
}

describe('codes of two bytes', () => {
  it.each([
    [0, 0x0000],
    [-0, 0x0000],
    [1, 0x3f80],
    [-2, 0xc000],
    [Math.PI, 0x4049],
    // Ties to even: between 1 and 1 + 2^-7, between 1 + 2^-7 and 1 + 2^-6.
    [1 + 2 ** -8, 0x3f80],
    [1 + 3 * 2 ** -8, 0x3f82],
    [1 + 2 ** -8 + 2 ** -20, 0x3f81],
    [3.4028234663852886e38, 0x7f80],
    [-3.4028234663852886e38, 0xff80],
    [3.3895313892515355e38, 0x7f7f],
    [2 ** -126, 0x0080],
    [2 ** -126 - 2 ** -149, 0x0000],
    [-(2 ** -149), 0x0000],
    [Number.POSITIVE_INFINITY, 0x7f80],
    [Number.NEGATIVE_INFINITY, 0xff80],
    [Number.NaN, 0x7fc0],
  ])('bfloat16 of %f is %i', (value, code) => {
    expect(bfloat16Code(wordOfValue(value))).toBe(code);
  });

  it.each([
    [0, 0x0000],
    [-0, 0x0000],
    [1, 0x3c00],
    [-2, 0xc000],
    [Math.PI, 0x4248],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [1 + 2 ** -11 + 2 ** -23, 0x3c01],
    [65_504, 0x7bff],
    [65_519.996, 0x7bff],
    [65_520, 0x7c00],
    [-65_520, 0xfc00],
    [2 ** -14, 0x0400],
    [2 ** -14 - 2 ** -24, 0x03ff],
    [2 ** -14 - 2 ** -25, 0x0400],
    [2 ** -24, 0x0001],
    [-(2 ** -24), 0x8001],
    // Ties to even: 0 or 2^-24, 2^-24 or 2^-23.
    [2 ** -25, 0x0000],
    [-(2 ** -25), 0x0000],
    [2 ** -25 + 2 ** -48, 0x0001],
    [3 * 2 ** -25, 0x0002],
    [2 ** -149, 0x0000],
    [Number.POSITIVE_INFINITY, 0x7c00],
    [Number.NEGATIVE_INFINITY, 0xfc00],
    [Number.NaN, 0x7e00],
  ])('float16 of %f is %i', (value, code) => {
    expect(float16Code(wordOfValue(value))).toBe(code);
  });

  it.each(HALVES)('$format.name: each of the 65,536 comes back, but for NaNs, -0 and what is too small', (half) => {
    for (let code = 0; code < 2 ** 16; code++) {
      const size = code & 0x7fff;
      const expected = size > half.infinity ? half.codeOf(0x7fc00000) : size < half.smallest ? 0 : code;
      expect(half.codeOf(half.wordOf(code)), `code ${code}`).toBe(expected);
    }
  });

  it.each(HALVES)('$format.name is the nearest, and of two the even one', ({ codeOf, wordOf, infinity, smallest }) => {
    fc.assert(
      fc.property(anyWord, (word) => {
        const value = Math.abs(valueOfWord(word));
        const code = codeOf(word & 0x7fffffff);
        if (Number.isNaN(value) || value < valueOfWord(wordOf(smallest)) || code === infinity) return;
        const distance = (of: number): number => Math.abs(valueOfWord(wordOf(of)) - value);
        for (const other of [code - 1, code + 1]) {
          if (other === infinity) continue;
          const isNearer = distance(code) < distance(other);
          expect(isNearer || (distance(code) === distance(other) && code % 2 === 0)).toBe(true);
        }
        expect(codeOf(word | 0x80000000)).toBe(code === 0 ? 0 : code | 0x8000);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a format', () => {
  it.each(Object.values(GRADIENT_FORMATS))(
    '$name: kernels with and without SIMD and the wire give the same bits',
    (format) => {
      const formula: Formula = { outputs: { result: format.operand(vector('left')) } };
      const kernels = [createKernel(formula), createPortableKernel(formula)];
      fc.assert(
        fc.property(fc.array(anyWord, { minLength: 1, maxLength: 19 }), (words) => {
          const left = new Float32Array(Int32Array.from(words).buffer);
          const results = kernels.map((kernel) => {
            const result = new Float32Array(left.length);
            kernel.run({ left, result }, {}, 0, left.length);
            return wordsOf(result);
          });
          expect(results[0]).toEqual(results[1]);
          expect(wordsOf(rounded(travelled(left, format), format))).toEqual(results[0]);
          if (format !== float32) expect(wordsOf(travelled(left, format))).toEqual(results[0]);
          expect(wordsOf(rounded(rounded(left, format), format))).toEqual(results[0]);
        }),
        { numRuns: 1000 },
      );
    },
  );

  it.each(Object.values(GRADIENT_FORMATS))('$name: a sum is that of rounded operands, in float32', (format) => {
    const into = Float32Array.of(1 + 2 ** -12, 2 ** -20, 70_000, -1);
    const from = Float32Array.of(2 ** -12, 2 ** -30, 1, 1 + 2 ** -20);
    const expected = rounded(into, format).map((value, index) => value + rounded(from, format)[index]!);
    const sum = into.slice();
    for (const _piece of addInPieces(sum, from, format));
    expect(sum).toEqual(expected);
    const isRounded = format !== float32;
    expect(sum[0] === into[0]! + from[0]!).toBe(!isRounded);
  });

  it('keeps the bytes of one range while others are encoded', () => {
    const values = Float32Array.from({ length: 10 }, (_, index) => index);
    const encode = bfloat16.encoder(10);
    const first = encode(values, { start: 0, end: 5 });
    const before = first.slice();
    encode(values, { start: 5, end: 10 });
    expect(first).toEqual(before);
  });

  it('is float32 for the sum over all lanes, which nothing is added to', () => {
    expect(formatOfNode(bfloat16, { first: 0, end: 4 }, 4)).toBe(float32);
    expect(formatOfNode(bfloat16, { first: 0, end: 2 }, 4)).toBe(bfloat16);
    expect(formatOfNode(float16, { first: 0, end: 1 }, 1)).toBe(float32);
  });

  it('is found by its name', () => {
    expect(['float32', 'bfloat16', 'float16', 'int8', 'toString'].map(gradientFormat)).toEqual([
      float32,
      bfloat16,
      float16,
      null,
      null,
    ]);
  });
});
