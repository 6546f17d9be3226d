/** Holds SIMD kernels to portable ones and both to JavaScript's numbers, over bit patterns of every kind. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as formulas from './formula.js';
import { type Formula, type Operation, scalar, type Term, vector } from './formula.js';
import { createKernel, createPortableKernel, type Kernel } from './kernel.js';
import { BLOCK_ELEMENTS } from './runner.js';
import { simdRunner } from './simd-runner.js';

const SPECIAL_WORDS = [
  ...[0, 1, 0x007fffff, 0x00800000, 0x00800001, 0x00ffffff, 0x01000000, 0x3f800000, 0x3f7fffff, 0x7f7fffff],
  ...[0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff],
].flatMap((word) => [word, word | 0x80000000]);
const anyWord = fc.oneof(fc.constantFrom(...SPECIAL_WORDS), fc.integer());

const OPERATIONS: Readonly<Record<Operation, (left: Term, right: Term) => Term>> = {
  add: formulas.add,
  subtract: formulas.subtract,
  multiply: formulas.multiply,
  divide: formulas.divide,
  least: (left) => formulas.cut(left, 2),
  greatest: (left) => formulas.cut(left, 0),
  root: formulas.root,
  flush: formulas.flush,
  signed: formulas.signed,
  bfloat16: formulas.bfloat16,
  float16: formulas.float16,
};

function floatsOf(words: readonly number[]): Float32Array {
  return new Float32Array(Int32Array.from(words).buffer);
}

function wordsOf(values: Float32Array): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length)];
}

/** @returns result and whether it is finite; elements around the range must stay as they are */
function resultOf(kernel: Kernel, left: Float32Array, right: Float32Array): readonly [number[], boolean] {
  const memory = new Float32Array(left.length + 3).fill(9);
  const around = (values: Float32Array): Float32Array => Float32Array.of(7, 7, ...values, 7);
  const vectors = { left: around(left), right: around(right), result: memory };
  const allFinite = kernel.run(vectors, { right: right[0] ?? 0 }, 2, 2 + left.length);
  expect([memory[0], memory[1], memory.at(-1)]).toEqual([9, 9, 9]);
  return [wordsOf(memory.slice(2, -1)), allFinite];
}

describe('a kernel', () => {
  it('has SIMD instructions here', () => {
    expect(simdRunner(formulas.programOf({ outputs: { result: vector('left') } }))).not.toBeNull();
  });

  it.each(Object.entries(OPERATIONS))('gives %s the same bits with and without SIMD, at every length', (_, of) => {
    for (const right of [vector('right'), scalar('right')]) {
      const term = of(vector('left'), right);
      const formula: Formula = { outputs: { result: term }, finite: term };
      const [simd, portable] = [createKernel(formula), createPortableKernel(formula)];
      fc.assert(
        fc.property(fc.array(fc.tuple(anyWord, anyWord), { minLength: 1, maxLength: 19 }), (pairs) => {
          const [first, second] = [0, 1].map((side) => floatsOf(pairs.map((pair) => pair[side]!)));
          expect(resultOf(simd, first!, second!)).toEqual(resultOf(portable, first!, second!));
        }),
        { numRuns: 300 },
      );
    }
  });

  it.each([
    ['add', (left: number, right: number) => left + right],
    ['subtract', (left: number, right: number) => left - right],
    ['multiply', (left: number, right: number) => left * right],
    ['divide', (left: number, right: number) => left / right],
    ['root', (left: number) => Math.sqrt(left)],
  ] as const)('rounds %s once, flushes subnormals to +0 and writes one NaN', (name, plain) => {
    const kernel = createKernel({ outputs: { result: OPERATIONS[name](vector('left'), vector('right')) } });
    fc.assert(
      fc.property(anyWord, anyWord, (first, second) => {
        const [left, right] = [floatsOf([first]), floatsOf([second])];
        const rounded = Math.fround(plain(left[0]!, right[0]!));
        const isTiny = Math.abs(rounded) < 2 ** -126 && name !== 'root';
        const [words] = resultOf(kernel, left, right);
        expect(words).toEqual(Number.isNaN(rounded) ? [0x7fc00000] : wordsOf(Float32Array.of(isTiny ? 0 : rounded)));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([createKernel, createPortableKernel])(
    'gives products with numbers of any size the bits that they have one after another',
    (create) => {
      const { add, flush, multiply, subtract } = formulas;
      const [first, second] = [scalar('first'), scalar('second')];
      const difference = subtract(vector('left'), vector('right'));
      const chain = create({
        outputs: {
          result: add(
            multiply(second, multiply(difference, first)),
            multiply(formulas.constant(0.1), flush(vector('left'))),
          ),
        },
        finite: difference,
      });
      const step = (outputs: Formula['outputs']): Kernel => create({ outputs });
      const [subtraction, addition] = [
        step({ result: difference }),
        step({ result: add(vector('left'), vector('right')) }),
      ];
      const product = step({ result: multiply(vector('left'), vector('right')) });
      const flushed = step({ result: flush(vector('left')) });
      const numbers = fc.oneof(
        anyWord,
        fc.constantFrom(...[0.5, 1, -1, 2, 2 ** -100].map((of) => wordsOf(Float32Array.of(of))[0]!)),
      );
      fc.assert(
        fc.property(anyWord, anyWord, numbers, numbers, (...words) => {
          const [left, right, a, b] = words.map((word) => floatsOf([word]));
          const run = (kernel: Kernel, one: Float32Array, other: Float32Array): Float32Array => {
            const result = new Float32Array(1);
            kernel.run({ left: one, right: other, result }, { first: a![0]!, second: b![0]! }, 0, 1);
            return result;
          };
          const scaled = run(product, b!, run(product, run(subtraction, left!, right!), a!));
          const decayed = run(product, Float32Array.of(0.1), run(flushed, left!, left!));
          expect(wordsOf(run(chain, left!, right!))).toEqual(wordsOf(run(addition, scaled, decayed)));
        }),
        { numRuns: 2000 },
      );
    },
  );

  it.each([createKernel, createPortableKernel])('finds what is not finite wherever it stands', (create) => {
    const kernel = create({ outputs: {}, finite: vector('left') });
    for (const length of [1, 4, 6, BLOCK_ELEMENTS, 2 * BLOCK_ELEMENTS + 1]) {
      const left = new Float32Array(length).fill(3e38);
      expect(kernel.run({ left }, {}, 0, length)).toBe(true);
      for (const place of [0, length >> 1, length - 1]) {
        for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
          left[place] = bad;
          expect(kernel.run({ left }, {}, 0, length), `${bad} at ${place} of ${length}`).toBe(false);
          left[place] = 3e38;
        }
      }
      expect(kernel.run({ left }, {}, 0, length)).toBe(true);
    }
  });

  it.each([createKernel, createPortableKernel])('writes vectors that it also reads, block after block', (create) => {
    const length = 2 * BLOCK_ELEMENTS + 3;
    const left = Float32Array.from({ length }, (_, index) => index);
    const sum = formulas.add(vector('left'), scalar('one'));
    create({ outputs: { left: sum, right: formulas.add(sum, sum) } }).run(
      { left, right: new Float32Array(length) },
      { one: 1 },
      1,
      length,
    );
    expect(left.every((value, index) => value === (index === 0 ? 0 : index + 1))).toBe(true);
  });

  it('names a vector or scalar that is not given', () => {
    const kernel = createKernel({ outputs: { result: formulas.add(vector('left'), scalar('rate')) } });
    const left = new Float32Array(1);
    expect(() => kernel.run({ left, result: left }, {}, 0, 1)).toThrow('rate');
    expect(() => kernel.run({ left }, { rate: 1 }, 0, 1)).toThrow('result');
  });
});
