import { describe, expect, it } from 'vitest';
import { PAGE_MEMORY_BYTES } from '../limits.js';
import { addressedMemory } from './addressed-memory.js';
import { createPageMemory } from './page-memory.js';

describe('page memory', () => {
  it('starts every block on a 64-byte boundary, at any length', () => {
    const memory = createPageMemory();
    for (const count of [1, 3, 17, 1000, PAGE_MEMORY_BYTES / 4, PAGE_MEMORY_BYTES, 5]) {
      const block = memory.allocate('float32', count);
      expect(block).toHaveLength(count);
      expect(addressedMemory.isAligned(block)).toBe(true);
      expect(memory.isAligned(block)).toBe(true);
    }
  });

  it('gives zeroed blocks that do not overlap', () => {
    const memory = createPageMemory();
    const blocks = Array.from({ length: 50 }, (_, index) => memory.allocate('float64', index).fill(index));
    blocks.forEach((block, index) => {
      expect(block.every((value) => value === index)).toBe(true);
    });
    expect(memory.allocate('int64', 3)).toEqual(new BigInt64Array(3));
  });

  it('knows views off the boundary and memory that is not its own', () => {
    const memory = createPageMemory();
    const block = memory.allocate('float32', 32);
    expect(memory.isAligned(block.subarray(16))).toBe(true);
    expect(memory.isAligned(block.subarray(1))).toBe(false);
    expect(memory.isAligned(new Float32Array(16))).toBe(false);
    expect(memory.isAligned(new Float32Array(0))).toBe(true);
  });
});
