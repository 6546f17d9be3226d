/** Tests of gradient clipping. */
import { atOnce, GRADIENT_FORMATS, PIECE_ELEMENTS } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { type ClipOptions, NORM_BLOCK_ELEMENTS, normOf as normOfSums, sumSquares } from './clip.js';
import { createOptimizer } from './optimizers/table.js';
import { update, updateRule } from './update.js';

/** A step of 1 against the gradient from 0 ends at the clipped gradient. */
function clipped(values: readonly number[], clip: ClipOptions): number[] {
  const elementCount = values.length;
  const spec = { type: 'sgd', learningRate: -1, momentum: 0, nesterov: false } as const;
  const optimizer = createOptimizer(spec, elementCount);
  const rule = updateRule({
    layout: { tensors: [], elementCount },
    regularizers: [],
    clip,
    optimizer,
    format: GRADIENT_FORMATS.float32,
  });
  const next = new Float32Array(elementCount);
  const input = { parameters: new Float32Array(elementCount), gradients: [Float32Array.from(values)], next };
  atOnce(update(rule, { ...input, denominator: 1, learningRate: -1, step: 0 }));
  return [...next];
}

function normOf(...parts: readonly Float32Array[]): number {
  const sums = parts.map((part) => {
    const own = new Float64Array(Math.ceil(part.length / NORM_BLOCK_ELEMENTS));
    sumSquares(part, own);
    return own;
  });
  return normOfSums(Float64Array.from(sums.flatMap((own) => [...own])));
}

describe('clipping', () => {
  it('changes nothing without limits', () => {
    expect(clipped([3, -4e30, 0], {})).toEqual([3, Math.fround(-4e30), 0]);
  });

  it('cuts each element to the value on both sides', () => {
    expect(clipped([3, -3, 0.5, -0.5, 1, 0], { value: 1 })).toEqual([1, -1, 0.5, -0.5, 1, 0]);
  });

  it('scales the whole gradient down to the norm', () => {
    expect(clipped([3, 4], { globalNorm: 1 })).toEqual([3, 4].map((x) => Math.fround(x * Math.fround(1 / 5))));
  });

  it('leaves a gradient of exactly the norm or below alone', () => {
    expect(clipped([3, 4], { globalNorm: 5 })).toEqual([3, 4]);
    expect(clipped([0.03, 0.04], { globalNorm: 5 })).toEqual([Math.fround(0.03), Math.fround(0.04)]);
    expect(clipped([0, 0], { globalNorm: 5 })).toEqual([0, 0]);
  });

  it('cuts values before it measures the norm', () => {
    expect(clipped([300, 0.5], { value: 1, globalNorm: 2 })).toEqual([1, 0.5]);
  });

  it('writes +0 where scaling leaves less than a normal float32', () => {
    const [large, small] = clipped([2 ** 10, -(2 ** -120)], { globalNorm: 1 });
    expect(large).toBe(1);
    expect(Object.is(small, 0)).toBe(true);
  });
});

describe('the global norm', () => {
  it('measures a long gradient in pieces that hold whole blocks', () => {
    const gradient = Float32Array.from({ length: PIECE_ELEMENTS + 4096 }, (_, index) => 1 / (1 + (index % 977)));
    expect(normOf(gradient.subarray(0, PIECE_ELEMENTS), gradient.subarray(PIECE_ELEMENTS))).toBe(normOf(gradient));
    expect(PIECE_ELEMENTS % 4096).toBe(0);
  });

  it('is the Euclidean norm, also over more than one block', () => {
    expect(normOf(new Float32Array(10_000).fill(0.5))).toBe(50);
    expect(normOf(new Float32Array(0))).toBe(0);
  });

  it('does not overflow where float32 squares would', () => {
    expect(normOf(Float32Array.of(3 * 2 ** 100, 4 * 2 ** 100))).toBe(5 * 2 ** 100);
  });

  it('adds blocks of 4096 in a tree, not one after the other', () => {
    const gradient = Float32Array.from({ length: 5 * 4096 }, (_, index) => Math.fround(1 / (1 + (index % 977))));
    const sums = [0, 1, 2, 3, 4].map((block) => {
      let sum = 0;
      for (const value of gradient.subarray(block * 4096, (block + 1) * 4096)) sum += value * value;
      return sum;
    });
    const [a, b, c, d, e] = sums as [number, number, number, number, number];
    expect(normOf(gradient)).toBe(Math.sqrt(a + b + (c + d) + e));
  });
});
