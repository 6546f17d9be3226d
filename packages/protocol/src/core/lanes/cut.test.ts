import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutLane, isEmptyLane } from './cut.js';

describe('cutting a global batch into lanes', () => {
  it('gives lane i of L the rows floor(i n / L) to floor((i + 1) n / L)', () => {
    const cut = (laneCount: number, rowCount: number) =>
      Array.from({ length: laneCount }, (_, lane) => cutLane(lane, laneCount, rowCount)).map((r) => [r.start, r.end]);
    expect(cut(4, 32)).toEqual([
      [0, 8],
      [8, 16],
      [16, 24],
      [24, 32],
    ]);
    expect(cut(4, 7)).toEqual([
      [0, 1],
      [1, 3],
      [3, 5],
      [5, 7],
    ]);
    expect(cut(4, 2)).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
      [1, 2],
    ]);
  });

  it('covers every row once, in order, with sizes that differ by one at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.nat(100_000), (laneCount, rowCount) => {
        const ranges = Array.from({ length: laneCount }, (_, lane) => cutLane(lane, laneCount, rowCount));
        const sizes = ranges.map(({ start, end }) => end - start);
        expect(ranges[0]?.start).toBe(0);
        expect(ranges.at(-1)?.end).toBe(rowCount);
        for (let lane = 1; lane < laneCount; lane++) expect(ranges[lane]?.start).toBe(ranges[lane - 1]?.end);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(sizes.map((size) => size === 0)).toEqual(sizes.map((_, lane) => isEmptyLane(lane, laneCount, rowCount)));
      }),
    );
  });
});
