import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { coresOfQuota, machineCores } from './machine-cores.js';

describe('the cores of a machine', () => {
  it('are as many as a quota pays for, all without one', () => {
    expect(coresOfQuota('150000 100000\n')).toBe(1.5);
    for (const none of ['max 100000\n', 'max', '']) expect(coresOfQuota(none)).toBe(Number.POSITIVE_INFINITY);
  });

  it('are at least one here, and no more than this process is bound to', () => {
    expect(machineCores()).toBeGreaterThanOrEqual(1);
    expect(machineCores()).toBeLessThanOrEqual(availableParallelism());
  });
});
