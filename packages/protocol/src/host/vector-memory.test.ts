/** Tests of how shared memory is cut. */
import { describe, expect, it } from 'vitest';
import { VectorMemory, vectorMemoryBytes } from './vector-memory.js';

describe('vectors in shared memory', () => {
  it('lie one after another on 64-byte boundaries behind the head, which stays clear of them', () => {
    const bytes = new ArrayBuffer(vectorMemoryBytes(48, 3));
    const memory = new VectorMemory(bytes, 48, 3);
    expect(memory.vectors.map(({ byteOffset, length }) => [byteOffset % 64, length])).toEqual([
      [0, 48],
      [0, 48],
      [0, 48],
    ]);
    memory.challenge = '0123456789abcdef0123456789abcdef';
    for (const [index, vector] of memory.vectors.entries()) vector.fill(index + 1);
    for (const index of [0, 1, 2]) memory.mark(index, 2 ** 40 + index);
    const again = new VectorMemory(bytes, 48, 3);
    expect(again.challenge).toBe('0123456789abcdef0123456789abcdef');
    expect(again.vectors.map((vector) => new Set(vector))).toEqual([new Set([1]), new Set([2]), new Set([3])]);
    expect([0, 1, 2].map((index) => again.holds(index, 2 ** 40 + index))).toEqual([true, true, true]);
  });

  it('hold no version at first, one once it is marked, and none while the next is written', () => {
    const memory = new VectorMemory(new ArrayBuffer(vectorMemoryBytes(16, 2)), 16, 2);
    expect(memory.holds(0, 0)).toBe(false);
    memory.mark(0, 0);
    expect(memory.holds(0, 0)).toBe(true);
    memory.mark(0, null);
    expect(memory.holds(0, 0)).toBe(false);
    memory.mark(0, 2);
    expect([memory.holds(0, 0), memory.holds(0, 2), memory.holds(1, 2)]).toEqual([false, true, false]);
  });

  it('are at most as many as the head has room for', () => {
    expect(vectorMemoryBytes(16, 504)).toBe(4096 + 504 * 64);
    expect(() => vectorMemoryBytes(16, 505)).toThrow(RangeError);
  });
});
