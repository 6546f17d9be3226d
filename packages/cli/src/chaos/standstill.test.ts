/** Tests of the time that a job stood still. */
import { describe, expect, it } from 'vitest';
import { standstillSeconds } from './standstill.js';

const samples = (...pairs: readonly (readonly [number, number])[]) => pairs.map(([atMs, step]) => ({ atMs, step }));

describe('standstillSeconds', () => {
  it('is the longest time without a new step after the fault', () => {
    expect(standstillSeconds(samples([0, 1], [900, 5], [1000, 9], [1100, 12], [3100, 13], [3200, 20]), 950)).toBe(2);
  });

  it('counts steps that are computed again as standing still', () => {
    expect(standstillSeconds(samples([0, 1], [1000, 40], [2500, 20], [3500, 39], [4000, 41]), 1000)).toBe(3);
  });

  it('is nothing where no sample follows', () => {
    expect(standstillSeconds(samples([0, 1]), 10)).toBe(0);
  });
});
