/** Tests of the update: its order, its check, its rounding. */
import { atOnce, GRADIENT_FORMATS, LockstepError, layoutParameters } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { createOptimizer } from './optimizers/table.js';
import { type UpdateOptions, type UpdateRule, update, updateRule } from './update.js';

const layout = layoutParameters([
  { name: '0_dense/kernel', shape: [2, 2], trainable: true },
  { name: '0_dense/bias', shape: [2], trainable: true },
]);
const kernel = layout.tensors[0]!;
const bias = layout.tensors[1]!;
const plain = { type: 'sgd', learningRate: 1, momentum: 0, nesterov: false } as const;

function vector(values: Readonly<Record<number, number>>): Float32Array {
  const flat = new Float32Array(layout.elementCount);
  for (const [index, value] of Object.entries(values)) flat[Number(index)] = value;
  return flat;
}

function ruleOf(change: Partial<UpdateOptions> = {}): UpdateRule {
  const optimizer = createOptimizer(plain, layout.elementCount);
  return updateRule({ layout, regularizers: [], clip: {}, optimizer, format: GRADIENT_FORMATS.float32, ...change });
}

function nextOf(rule: UpdateRule, parameters: Float32Array, gradientSum: Float32Array, denominator = 1): Float32Array {
  const next = new Float32Array(layout.elementCount);
  atOnce(update(rule, { parameters, gradients: [gradientSum], denominator, learningRate: 1, step: 7, next }));
  return next;
}

function failureOf(run: () => unknown): LockstepError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof LockstepError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

describe('update', () => {
  it('multiplies by the float32 of 1/D, and does not divide', () => {
    const sum = 5;
    const expected = -Math.fround(sum * Math.fround(1 / 3));
    expect(expected).not.toBe(-Math.fround(5 / 3 + 1e-6));
    expect(nextOf(ruleOf(), vector({}), vector({ 0: sum }), 3)[0]).toBe(expected);
  });

  it('takes the mean before it adds penalties', () => {
    const rule = ruleOf({ regularizers: [{ tensor: kernel.name, l1: 0, l2: 0.5 }] });
    // mean 8/4 = 2, penalty 2 x 0.5 x 16 = 16: 18. The other way round it would be (8 + 16)/4 = 6.
    expect(nextOf(rule, vector({ 0: 16 }), vector({ 0: 8 }), 4)[0]).toBe(16 - 18);
  });

  it('clips after it has added penalties', () => {
    const rule = ruleOf({ regularizers: [{ tensor: kernel.name, l1: 0, l2: 0.5 }], clip: { value: 3 } });
    expect(nextOf(rule, vector({ 0: 16 }), vector({ 0: 1 }))[0]).toBe(16 - 3);
  });

  it('checks before it clips, so that an infinite gradient is not cut to a good one', () => {
    const rule = ruleOf({ clip: { value: 1 } });
    const error = failureOf(() => nextOf(rule, vector({}), vector({ [bias.start]: Number.POSITIVE_INFINITY })));
    expect(error.code).toBe('NUMERICS_NOT_FINITE');
  });

  it('adds l1 sign(w) + 2 l2 w to its tensor only, and no l1 where a weight is 0', () => {
    const rule = ruleOf({ regularizers: [{ tensor: kernel.name, l1: 0.25, l2: 0.125 }] });
    const next = nextOf(rule, vector({ 0: 2, 1: -2, [bias.start]: 2 }), vector({}));
    expect(next[0]).toBe(2 - (0.25 + 0.5));
    expect(next[1]).toBe(-2 + (0.25 + 0.5));
    expect(next[2]).toBe(0);
    expect(next[bias.start]).toBe(2);
  });

  it('names step and tensor of a NaN, and leaves the next version and the optimizer untouched', () => {
    const optimizer = createOptimizer(
      { type: 'adam', learningRate: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
      layout.elementCount,
    );
    const rule = ruleOf({ optimizer });
    nextOf(rule, vector({}), vector({ 0: 1 }));
    const before = structuredClone(optimizer.state());
    const next = new Float32Array(layout.elementCount).fill(42);
    const gradientSum = vector({ 0: 1, [bias.start + 1]: Number.NaN });
    const error = failureOf(() =>
      atOnce(
        update(rule, {
          parameters: vector({}),
          gradients: [gradientSum],
          denominator: 1,
          learningRate: 1,
          step: 7,
          next,
        }),
      ),
    );
    expect(error.code).toBe('NUMERICS_NOT_FINITE');
    expect(error.field).toBe('0_dense/bias');
    expect(error.message).toBe('The gradient of 0_dense/bias is NaN in step 7.');
    expect(next.every((value) => value === 42)).toBe(true);
    expect(optimizer.state()).toEqual(before);
  });

  it('takes the place of a gradient, and names what is not finite before', () => {
    for (const [clip, isSound] of [
      [{}, true],
      [{ value: 0.5, globalNorm: 1 }, true],
      [{ value: 1 }, false],
    ] as const) {
      const [left, right] = [
        vector({ 0: 3, 1: -2 }),
        vector({ 0: 1, [bias.start]: isSound ? 1 : Number.POSITIVE_INFINITY }),
      ];
      const input = { parameters: vector({ 0: 5 }), denominator: 2, learningRate: 1, step: 7 };
      const run = (gradients: readonly Float32Array[], next: Float32Array) => () =>
        atOnce(update(ruleOf({ clip }), { ...input, gradients, next }));
      if (!isSound) {
        expect(failureOf(run([left, right], right)).message).toBe(
          'The gradient of 0_dense/bias is Infinity in step 7.',
        );
        continue;
      }
      const [expected, before] = [vector({}), left.slice()];
      run([left, right], expected)();
      run([left, right], right)();
      expect([right, left]).toEqual([expected, before]);
    }
  });

  it('says what helps where float16 overflows, and takes a sum over all lanes as it is', () => {
    const rule = ruleOf({ format: GRADIENT_FORMATS.float16 });
    const large = vector({ [bias.start]: 70_000 });
    const input = { parameters: vector({}), denominator: 1, learningRate: 1, step: 7, next: vector({}) };
    const error = failureOf(() => atOnce(update(rule, { ...input, gradients: [large, vector({})] })));
    expect(error.message).toBe('The gradient of 0_dense/bias is Infinity in step 7.');
    expect(error.fix).toContain('train.gradients: bfloat16');
    atOnce(update(rule, { ...input, gradients: [large] }));
    expect(input.next[bias.start]).toBe(-70_000);
    atOnce(update(ruleOf({ format: GRADIENT_FORMATS.bfloat16 }), { ...input, gradients: [large, vector({})] }));
    expect(input.next[bias.start]).toBe(-70_144);
  });

  it('leaves version v as it is', () => {
    const parameters = vector({ 0: 1, 1: -1 });
    nextOf(ruleOf(), parameters, vector({ 0: 1, 1: 1 }));
    expect(parameters).toEqual(vector({ 0: 1, 1: -1 }));
  });

  it('turns subnormals into +0: in the mean, in the penalty, and in the next version', () => {
    const tiny = 2 ** -126;
    const gradient = vector({ 0: tiny, 1: -tiny });
    const next = nextOf(ruleOf(), vector({}), gradient, 2);
    expect(next[0]! === 0 && next[1]! === 0).toBe(true);
    const decayed = nextOf(
      ruleOf({ regularizers: [{ tensor: kernel.name, l1: 0, l2: 0.25 }] }),
      vector({ 0: tiny }),
      vector({}),
    );
    expect(decayed[0]).toBe(tiny);
    const difference = nextOf(ruleOf(), vector({ 0: 1.5 * tiny }), vector({ 0: tiny }));
    expect(Object.is(difference[0], 0)).toBe(true);
  });

  it('refuses a penalty on a tensor that does not exist', () => {
    expect(() => ruleOf({ regularizers: [{ tensor: 'nowhere', l1: 0, l2: 1 }] })).toThrow('no tensor nowhere');
  });
});
