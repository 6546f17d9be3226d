import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROWS_PER_SHARD } from '../shards/shard-format.js';
import { batchRows, DEFAULT_WINDOW_ROWS, epochOrder, stepsPerEpoch } from './sampling.js';

const isPermutation = (order: Uint32Array): boolean => {
  const seen = new Uint8Array(order.length);
  for (const row of order) seen[row] = (seen[row] ?? 0) + 1;
  return seen.every((count) => count === 1);
};
const hashOf = (order: Uint32Array): string => createHash('sha256').update(Buffer.from(order.buffer)).digest('hex');

describe('the order of an epoch', () => {
  it('holds every row once, whether the rows fit a window or not', () => {
    const rows = fc.oneof(fc.nat(3_000), fc.nat(6 * ROWS_PER_SHARD));
    const windows = fc.integer({ min: 1, max: 4 * ROWS_PER_SHARD });
    fc.assert(
      fc.property(fc.nat(0xffffffff), fc.nat(100), rows, windows, (seed, epoch, rowCount, windowRows) => {
        const order = epochOrder({ seed, epoch, rowCount, windowRows });
        expect(order.length).toBe(rowCount);
        expect(isPermutation(order)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps to whole blocks of one window at a time in large data', () => {
    const blockCount = 7;
    const rowCount = (blockCount - 1) * ROWS_PER_SHARD + 100;
    const order = epochOrder({ seed: 5, epoch: 1, rowCount, windowRows: 2 * ROWS_PER_SHARD });
    const rowsOf = (block: number) => Math.min(rowCount, (block + 1) * ROWS_PER_SHARD) - block * ROWS_PER_SHARD;
    let at = 0;
    const seen = new Set<number>();
    while (at < rowCount) {
      const first = Math.floor((order[at] ?? 0) / ROWS_PER_SHARD);
      const window = new Set([first]);
      let size = rowsOf(first);
      for (let index = at; index < Math.min(rowCount, at + size); index++) {
        const block = Math.floor((order[index] ?? 0) / ROWS_PER_SHARD);
        if (!window.has(block)) size += rowsOf(block);
        window.add(block);
      }
      expect(window.size).toBeLessThanOrEqual(2);
      for (const block of window) {
        expect(seen.has(block)).toBe(false);
        seen.add(block);
      }
      at += size;
    }
    expect(seen.size).toBe(blockCount);
    // Shuffled inside the window, not only block by block.
    const firstRows = [...order.subarray(0, 100)];
    expect(firstRows).not.toEqual([...firstRows].sort((left, right) => left - right));
  });

  it('differs between epochs and seeds, and is the same each time', () => {
    const order = (seed: number, epoch: number) => [...epochOrder({ seed, epoch, rowCount: 100 })];
    expect(order(1, 0)).toEqual(order(1, 0));
    expect(order(1, 0)).not.toEqual(order(1, 1));
    expect(order(1, 0)).not.toEqual(order(2, 0));
  });

  it('is pinned: sampler v1 never changes', () => {
    expect(hashOf(epochOrder({ seed: 42, epoch: 3, rowCount: 1000 }))).toMatchInlineSnapshot(
      `"109ff61e165a340cd7fc1c61284ad8113e43337db6163ec93afcead65b417f5b"`,
    );
    const large = { seed: 42, epoch: 3, rowCount: 3 * ROWS_PER_SHARD + 17, windowRows: 2 * ROWS_PER_SHARD };
    expect(hashOf(epochOrder(large))).toMatchInlineSnapshot(
      `"99d99a05d8bdb53b740444143973ca4259815419fca324b6d68fc721be93bb22"`,
    );
    expect(DEFAULT_WINDOW_ROWS).toBe(524_288);
  });
});

describe('the batches of an epoch', () => {
  it('cover the order once; the last one may be short', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 64 }), (rowCount, batchSize) => {
        const order = epochOrder({ seed: 1, epoch: 0, rowCount });
        const steps = stepsPerEpoch(rowCount, batchSize);
        const batches = Array.from({ length: steps }, (_, step) => batchRows(order, step, batchSize));
        expect(batches.flatMap((batch) => [...batch])).toEqual([...order]);
        for (const batch of batches.slice(0, -1)) expect(batch.length).toBe(batchSize);
        expect(batches.at(-1)?.length).toBeGreaterThan(0);
      }),
    );
  });
});
