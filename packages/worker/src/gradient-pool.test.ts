/** Tests of the vectors that gradients are computed in. */
import { describe, expect, it } from 'vitest';
import { GradientPool } from './gradient-pool.js';

function start(slotCount: number): { pool: GradientPool; slots: Float32Array[]; made: () => number } {
  let made = 0;
  const allocate = (_type: string, count: number): Float32Array => {
    made++;
    return new Float32Array(count);
  };
  const slots = Array.from({ length: slotCount }, () => new Float32Array(16));
  const engine = { allocate } as unknown as ConstructorParameters<typeof GradientPool>[0];
  return { pool: new GradientPool(engine, 16, slots), slots, made: () => made };
}

describe('a pool of gradients', () => {
  it('hands out slots first, then memory of its own, and each again once it is back', () => {
    const { pool, slots, made } = start(1);
    const [first, second] = [pool.take(), pool.take()];
    expect(first).toBe(slots[0]);
    expect(made()).toBe(1);
    pool.release(second);
    pool.release(first);
    expect([pool.take(), pool.take()]).toEqual([first, second]);
    expect(made()).toBe(1);
  });

  it('keeps its slots for sums that are sent', () => {
    const { pool, slots } = start(1);
    expect(slots).not.toContain(pool.take(false));
    expect(pool.take()).toBe(slots[0]);
  });

  it('takes a slot that was lent back with a command of a later version, and not before', () => {
    const { pool, slots } = start(2);
    const lent = pool.take();
    expect(pool.lend(lent, 7)).toBe(slots.indexOf(lent) + 1);
    pool.reclaim(7);
    const others = [pool.take(), pool.take(), pool.take()];
    expect(others).not.toContain(lent);
    pool.reclaim(8);
    expect(pool.take()).toBe(lent);
  });

  it('lends no memory of its own', () => {
    const { pool } = start(0);
    const own = pool.take();
    expect(pool.lend(own, 1)).toBe(0);
    pool.release(own);
    expect(pool.take()).toBe(own);
  });
});
