import { describe, expect, it } from 'vitest';
import type { EngineTensor } from '../../engine.js';
import { MAX_VALUES_PER_SLOT } from '../../limits.js';
import { addressedMemory } from '../../tensors/addressed-memory.js';
import { loadLibrary } from './library.js';
import { Native } from './native.js';
import { ValueSlot } from './value-cache.js';

function openSlot(): ValueSlot {
  const native = new Native(loadLibrary());
  const { api } = native.library;
  const fail = (message: string) => new Error(message);
  const memoryInfo = native.result((out) => api.createCpuMemoryInfo(1, 0, out), fail);
  const allocator = native.result((out) => api.getAllocatorWithDefaultOptions(out), fail);
  return new ValueSlot({ native, memoryInfo, allocator }, 'x');
}

function tensor(data: Float32Array, shape: readonly number[] = [data.length]): EngineTensor {
  return { type: 'float32', shape, data };
}

describe('a slot of native values', () => {
  it('gives one value for the same place and shape, whatever view object tells it', () => {
    const slot = openSlot();
    const data = addressedMemory.allocate('float32', 64);
    const first = slot.take(tensor(data.subarray(0, 32)));
    expect(slot.take(tensor(data.subarray(0, 32)))).toBe(first);
    slot.release();
  });

  it('gives other values for another place, length, shape or buffer', () => {
    const slot = openSlot();
    const data = addressedMemory.allocate('float32', 64);
    const values = [
      slot.take(tensor(data.subarray(0, 32))),
      slot.take(tensor(data.subarray(16, 48))),
      slot.take(tensor(data.subarray(0, 16))),
      slot.take(tensor(data.subarray(0, 32), [2, 16])),
      slot.take(tensor(data.subarray(0, 32), [4, 8])),
    ];
    // The last four live at the same time, so their addresses differ.
    expect(new Set(values.slice(1)).size).toBe(values.length - 1);
    expect(values[0]).not.toBe(values[1]);
    slot.release();
  });

  it('forgets the one unused for longest', () => {
    const slot = openSlot();
    const buffers = Array.from({ length: MAX_VALUES_PER_SLOT + 1 }, () => addressedMemory.allocate('float32', 4));
    const take = (index: number) => slot.take(tensor(buffers[index] as Float32Array));
    const first = take(0);
    for (let index = 1; index < MAX_VALUES_PER_SLOT; index += 1) take(index);
    expect(take(0)).toBe(first);
    take(MAX_VALUES_PER_SLOT);
    expect(take(0)).toBe(first);
    slot.release();
  });

  it('gives none for memory off the boundary', () => {
    const slot = openSlot();
    expect(slot.take(tensor(addressedMemory.allocate('float32', 17).subarray(1)))).toBeNull();
    slot.release();
  });
});
