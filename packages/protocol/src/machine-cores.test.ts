import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { coresWithin, machineCores } from './machine-cores.js';

describe('the cores of a machine', () => {
  it.each([
    ['all of them', Number.POSITIVE_INFINITY, 8, { count: 8, heldBy: null }],
    ['as many as a quota pays for', 2.5, 8, { count: 3, heldBy: 'quota' }],
    ['one at least', 0.1, 8, { count: 1, heldBy: 'quota' }],
    ['those it is bound to', Number.POSITIVE_INFINITY, 2, { count: 2, heldBy: 'affinity' }],
    ['those it is bound to, where a quota pays for as many', 2, 2, { count: 2, heldBy: 'affinity' }],
    ['fewer than it is bound to', 1, 2, { count: 1, heldBy: 'quota' }],
  ])('are %s', (_what, quota, bound, expected) => {
    expect(coresWithin(quota, bound, 8)).toEqual({ ...expected, ofMachine: 8 });
  });

  it('are at least one here, and no more than this process is bound to', () => {
    expect(machineCores()).toBeGreaterThanOrEqual(1);
    expect(machineCores()).toBeLessThanOrEqual(availableParallelism());
  });
});
