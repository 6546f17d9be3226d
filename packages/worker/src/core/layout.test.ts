import { describe, expect, it } from 'vitest';
import { largestDifference } from './difference.js';
import { readLayout } from './layout.js';
import { Sampler } from './sampler.js';

describe('a layout from the wire', () => {
  const tensor = { name: 'k', shape: [2, 3], startElement: 16, trainable: true };

  it('comes with lengths', () => {
    expect(readLayout({ tensors: [tensor], elementCount: 32 }).tensors[0]).toMatchObject({ start: 16, length: 6 });
  });

  it('is refused when a tensor is off its boundary, outside, or when it is absent', () => {
    expect(() => readLayout({ tensors: [{ ...tensor, startElement: 8 }], elementCount: 32 })).toThrow('64-byte');
    expect(() => readLayout({ tensors: [{ ...tensor, shape: [17] }], elementCount: 32 })).toThrow('outside');
    expect(() => readLayout(null)).toThrow('absent');
  });
});

describe('the largest difference', () => {
  it('counts a number against NaN as infinite and equal NaN as none', () => {
    const [one, nan] = [Float32Array.of(1, 2), Float32Array.of(1, Number.NaN)];
    expect(largestDifference(one, Float32Array.of(1.5, 1))).toBe(1);
    expect(largestDifference(one, nan)).toBe(Number.POSITIVE_INFINITY);
    expect(largestDifference(nan, nan)).toBe(0);
    expect(() => largestDifference(one, new Float32Array(3))).toThrow();
  });
});

describe('the sampler', () => {
  it('gives every row once an epoch, whatever was asked before', () => {
    const options = { seed: 1, rowCount: 10, batchSize: 4 };
    const sampler = new Sampler(options);
    const epoch = [0, 1, 2].map((step) => [...sampler.rows(0, step)]);
    expect(epoch.map((rows) => rows.length)).toEqual([4, 4, 2]);
    expect(epoch.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect([...sampler.rows(1, 0)]).not.toEqual(epoch[0]);
    expect([...new Sampler(options).rows(0, 1)]).toEqual(epoch[1]);
    expect([...sampler.rows(0, 2)]).toEqual(epoch[2]);
  });
});
