import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ShardInfo__Output } from '@lockstep/protocol';
import { encodeShard } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { ShardCache } from './shard-cache.js';

function shard(name: string, value: number): { info: ShardInfo__Output; bytes: Buffer } {
  const data = Float32Array.of(value, value + 1);
  const encoded = encodeShard({ rowCount: 2, columns: [{ name: 'x', type: 'float32', width: 1, data }] }, crc32);
  // A view into a larger pool, as the network hands out.
  const bytes = Buffer.concat([Buffer.alloc(3), encoded]).subarray(3);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { info: { name, firstRow: 0, rowCount: 2, bytes: bytes.length, sha256 }, bytes };
}

describe('the shard cache', () => {
  const shards = ['a', 'b', 'c'].map(shard);
  const [a, b, c] = shards as [ReturnType<typeof shard>, ReturnType<typeof shard>, ReturnType<typeof shard>];

  function reader(): { reads: string[]; read: (name: string) => Promise<Uint8Array> } {
    const reads: string[] = [];
    const read = async (name: string): Promise<Uint8Array> => {
      reads.push(name);
      return shards.find(({ info }) => info.name === name)?.bytes as Uint8Array;
    };
    return { reads, read };
  }

  it('reads a shard once, also when two ask at the same time', async () => {
    const cache = new ShardCache(1e6);
    const { reads, read } = reader();
    const [first, second] = await Promise.all([cache.read(b.info, read), cache.read(b.info, read)]);
    expect(first).toBe(second);
    expect([...(first.columns[0]?.data ?? [])]).toEqual([1, 2]);
    expect(reads).toEqual(['b']);
  });

  it('reads a shard again for whoever waited for a read that failed', async () => {
    const cache = new ShardCache(1e6);
    const { reads, read } = reader();
    const broken = cache.read(b.info, () => Promise.reject(new Error('the connection broke')));
    const waiting = Promise.all([cache.read(b.info, read), cache.read(b.info, read)]);
    await expect(broken).rejects.toThrow('the connection broke');
    const [first, second] = await waiting;
    expect(first).toBe(second);
    expect(reads).toEqual(['b']);
    expect(cache.bytes).toBe(b.info.bytes);
  });

  it('drops what was used longest ago beyond its limit', async () => {
    const cache = new ShardCache(a.info.bytes * 2);
    const { reads, read } = reader();
    for (const { info } of [a, b, a, c, a, b]) await cache.read(info, read);
    expect(reads).toEqual(['a', 'b', 'c', 'b']);
    expect(cache.bytes).toBe(a.info.bytes * 2);
    expect(cache.hasRoom(1)).toBe(false);
  });

  it('refuses other bytes than the plan names, and forgets them', async () => {
    const cache = new ShardCache(1e6);
    await expect(cache.read(a.info, async () => b.bytes)).rejects.toMatchObject({ code: 'SHARD_DAMAGED', value: 'a' });
    expect(cache.bytes).toBe(0);
    expect((await cache.read(a.info, reader().read)).rowCount).toBe(2);
  });
});
