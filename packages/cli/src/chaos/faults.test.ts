/** Tests of the schedule of faults. */
import { describe, expect, it } from 'vitest';
import { FAULT_KINDS, planFaults } from './faults.js';

describe('planFaults', () => {
  it('gives the same faults for a seed and others for another', () => {
    expect(planFaults(30, 7)).toEqual(planFaults(30, 7));
    expect(planFaults(30, 7)).not.toEqual(planFaults(30, 8));
  });

  it('uses every kind once before any comes again', () => {
    const kinds = planFaults(12, 3).map(({ kind }) => kind);
    expect([...kinds.slice(0, 6)].sort()).toEqual([...FAULT_KINDS].sort());
    expect([...kinds.slice(6)].sort()).toEqual([...FAULT_KINDS].sort());
  });

  it('spreads them over the job, in order', () => {
    const shares = planFaults(40, 1).map(({ at }) => at);
    expect(shares).toEqual([...shares].sort((left, right) => left - right));
    expect(Math.min(...shares)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...shares)).toBeLessThan(1);
    expect(new Set(shares.map((share) => Math.floor(share * 4))).size).toBe(4);
  });
});
