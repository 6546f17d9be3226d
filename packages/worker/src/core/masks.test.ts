import { RandomPurpose, RandomStream } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { fillMask } from './masks.js';

const REQUEST = { seed: 42, step: 3, layer: 1, width: 7, rate: 0.3, firstRow: 0, rowCount: 10 };

function mask(changes: Partial<typeof REQUEST> = {}): Float32Array {
  const request = { ...REQUEST, ...changes };
  const out = new Float32Array(request.rowCount * request.width);
  fillMask(request, out);
  return out;
}

describe('dropout masks', () => {
  it('follow the position in the global batch, however the batch is cut', () => {
    const whole = mask();
    const parts = [mask({ rowCount: 4 }), mask({ firstRow: 4, rowCount: 6 })];
    expect([...parts[0]!, ...parts[1]!]).toEqual([...whole]);
  });

  it('hold 0 below the rate and 1 / (1 - rate) from it', () => {
    const stream = new RandomStream(42, RandomPurpose.dropout, 3, 1);
    const kept = Math.fround(1 / 0.7);
    expect(mask()[2 * 7 + 5]).toBe(stream.uniform(5, 2) < 0.3 ? 0 : kept);
    expect(new Set(mask({ rowCount: 100 }))).toEqual(new Set([0, kept]));
    const dropped = mask({ rowCount: 2_000 }).filter((value) => value === 0).length / (2_000 * 7);
    expect(dropped).toBeCloseTo(0.3, 1);
  });

  it('differ between steps, layers and seeds', () => {
    for (const changes of [{ step: 4 }, { layer: 2 }, { seed: 43 }])
      expect([...mask(changes)]).not.toEqual([...mask()]);
  });
});
