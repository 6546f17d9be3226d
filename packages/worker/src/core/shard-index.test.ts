import { describe, expect, it } from 'vitest';
import { groupByShard, shardOf, totalRows } from './shard-index.js';

const SHARDS = [
  { firstRow: 0, rowCount: 3 },
  { firstRow: 3, rowCount: 3 },
  { firstRow: 6, rowCount: 1 },
];

describe('the shard index', () => {
  it('finds the shard of every row', () => {
    expect(totalRows(SHARDS)).toBe(7);
    expect([0, 2, 3, 5, 6].map((row) => shardOf(SHARDS, row))).toEqual([0, 0, 1, 1, 2]);
    expect(() => shardOf(SHARDS, 7)).toThrow('no shard has row 7');
    expect(() => shardOf([], 0)).toThrow();
  });

  it('visits each shard once and keeps the positions', () => {
    expect([...groupByShard(SHARDS, Uint32Array.of(6, 0, 4, 2, 6))]).toEqual([
      [0, [1, 3]],
      [1, [2]],
      [2, [0, 4]],
    ]);
  });

  it('refuses a gap', () => {
    expect(() =>
      totalRows([
        { firstRow: 0, rowCount: 3 },
        { firstRow: 4, rowCount: 1 },
      ]),
    ).toThrow('row 4, not 3');
    expect(totalRows([])).toBe(0);
  });
});
