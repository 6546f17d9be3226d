import { createHash } from 'node:crypto';
import { RandomPurpose, RandomStream } from '@lockstep/protocol/core';
import type { InitializerName } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { INITIALIZERS } from './table.js';

const FANS = { fanIn: 300, fanOut: 100 };

function filled(name: InitializerName, seed = 1, count = FANS.fanIn * FANS.fanOut): Float32Array {
  const out = new Float32Array(count);
  INITIALIZERS[name].fill(out, FANS, new RandomStream(seed, RandomPurpose.initialize, 3, 1));
  return out;
}

function moments(values: Float32Array): { mean: number; deviation: number; largest: number } {
  let sum = 0;
  let squares = 0;
  let largest = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
    largest = Math.max(largest, Math.abs(value));
  }
  const mean = sum / values.length;
  return { mean, deviation: Math.sqrt(squares / values.length - mean * mean), largest };
}

const sha256 = (values: Float32Array): string =>
  createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex').slice(0, 16);

describe('initializers', () => {
  it('stand in the table under their own names', () => {
    for (const [name, initializer] of Object.entries(INITIALIZERS)) expect(initializer.name).toBe(name);
  });

  it.each<[InitializerName, number]>([
    ['glorotUniform', Math.sqrt(6 / 400)],
    ['heUniform', Math.sqrt(6 / 300)],
  ])('%s is uniform within the limit of Keras', (name, limit) => {
    const { mean, deviation, largest } = moments(filled(name));
    expect(largest).toBeLessThanOrEqual(Math.fround(limit));
    expect(largest).toBeGreaterThan(limit * 0.999);
    expect(Math.abs(mean)).toBeLessThan(limit * 0.015);
    expect(deviation / (limit / Math.sqrt(3))).toBeCloseTo(1, 1.8);
  });

  it.each<[InitializerName, number]>([
    ['glorotNormal', Math.sqrt(2 / 400)],
    ['heNormal', Math.sqrt(2 / 300)],
  ])('%s has the deviation of Keras and is cut at two sigma of the uncut normal', (name, stddev) => {
    const cut = (2 * stddev) / 0.8796256610342398;
    const values = filled(name);
    const { mean, deviation, largest } = moments(values);
    expect(largest).toBeLessThanOrEqual(Math.fround(cut));
    expect(largest).toBeGreaterThan(cut * 0.995);
    expect(Math.abs(mean)).toBeLessThan(stddev * 0.025);
    expect(deviation / stddev).toBeCloseTo(1, 1.8);
    const within = values.filter((value) => Math.abs(value) < cut / 2).length / values.length;
    expect(within).toBeCloseTo(0.6827 / 0.9545, 1.8);
  });

  it('zeros and ones fill with one number', () => {
    expect(filled('zeros', 1, 3)).toEqual(Float32Array.of(0, 0, 0));
    expect(filled('ones', 1, 3)).toEqual(Float32Array.of(1, 1, 1));
  });

  it('an element depends on its position alone, not on how many follow', () => {
    for (const name of ['glorotUniform', 'heNormal'] as const) {
      expect(filled(name, 1, 7)).toEqual(filled(name, 1, 100).slice(0, 7));
      expect(filled(name, 2, 7)).not.toEqual(filled(name, 1, 7));
    }
  });

  it('give the same bits on every machine', () => {
    const names: InitializerName[] = ['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal'];
    expect(Object.fromEntries(names.map((name) => [name, sha256(filled(name, 42, 1000))]))).toEqual({
      glorotUniform: '6bb4c9af389bcccc',
      glorotNormal: 'f7bd62b33b8275f8',
      heUniform: '6aea41ee5769eb83',
      heNormal: 'd8b989bfd451d25c',
    });
  });

  it.each(Object.keys(INITIALIZERS) as InitializerName[])('%s fills a part as it fills the whole', (name) => {
    const whole = filled(name);
    const parts = new Float32Array(whole.length);
    for (const [start, end] of [
      [0, 8],
      [8, 1000],
      [1000, whole.length],
    ] as const) {
      const stream = new RandomStream(1, RandomPurpose.initialize, 3, 1);
      INITIALIZERS[name].fill(parts.subarray(start, end), FANS, stream, start);
    }
    expect(parts).toEqual(whole);
  });
});
