import { layoutParameters } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { histogramOf } from './histogram.js';
import { sampleTensors } from './sample.js';

describe('a histogram', () => {
  it('counts every finite value once, between the least and the largest', () => {
    const values = Float32Array.from({ length: 1000 }, (_, index) => Math.sin(index) ** 3);
    values[3] = Number.NaN;
    values[4] = Number.POSITIVE_INFINITY;
    const finite = values.filter(Number.isFinite);
    const found = histogramOf(values);
    expect(found).toMatchObject({ num: 998, min: Math.min(...finite), max: Math.max(...finite) });
    const { limits = [], counts = [], sum, sumSquares } = found ?? {};
    expect(sum).toBeCloseTo(finite.reduce((total, value) => total + value, 0));
    expect(sumSquares).toBeCloseTo(finite.reduce((total, value) => total + value * value, 0));
    expect(counts.reduce((total, count) => total + count, 0)).toBe(998);
    expect(limits.at(-1)).toBe(found?.max);
    const upTo = (limit: number): number => finite.filter((value) => value < limit).length;
    let counted = 0;
    for (const [index, limit] of limits.slice(0, -1).entries()) {
      counted += counts[index] ?? 0;
      expect(Math.abs(counted - upTo(limit))).toBeLessThanOrEqual(1);
    }
  });

  it('of one value has one bucket, and of none that is finite there is none', () => {
    expect(histogramOf(new Float32Array(5).fill(2))).toMatchObject({ limits: [2], counts: [5], num: 5 });
    expect(histogramOf(Float32Array.of(Number.NaN))).toBeNull();
    expect(histogramOf(new Float32Array(0))).toBeNull();
  });
});

describe('a sample', () => {
  const layout = layoutParameters([
    { name: 'small', shape: [3, 5], trainable: true },
    { name: 'large', shape: [512, 1000], trainable: true },
  ]);
  const flat = Float32Array.from({ length: layout.elementCount }, (_, index) => index);

  it('has all of a small tensor, and of a large one elements of every row and column', () => {
    const samples = sampleTensors(flat, layout);
    expect([...(samples.get('small') ?? [])]).toEqual([...flat.subarray(0, 15)]);
    const start = layout.tensors[1]?.start ?? 0;
    const places = [...(samples.get('large') ?? [])].map((value) => value - start);
    expect(places).toHaveLength(8192);
    expect(new Set(places).size).toBe(8192);
    expect(new Set(places.map((place) => Math.floor(place / 1000))).size).toBe(512);
    expect(new Set(places.map((place) => place % 1000)).size).toBe(1000);
    expect(Math.max(...places)).toBeLessThan(512_000);
  });

  it('is a copy', () => {
    const copy = sampleTensors(flat, layout).get('small');
    flat[0] = -1;
    expect(copy?.[0]).toBe(0);
  });
});
