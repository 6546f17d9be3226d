/** Memory whose tensors start on a 64-byte boundary: results of some kernels depend on where data starts. */
import type { TensorType } from '../engine.js';
import { type NumericData, typedArrayOver } from './element-types.js';

/** Boundary that every tensor starts on. */
export const ALIGNMENT_BYTES = 64;

/** Element types of {@link AlignedMemory.allocate}. */
export type AllocatedType = 'float32' | 'float64' | 'int64';

/** Allocates on the boundary and tells what lies on it. */
export interface AlignedMemory {
  allocate(type: 'float32', count: number): Float32Array;
  allocate(type: 'float64', count: number): Float64Array;
  allocate(type: 'int64', count: number): BigInt64Array;
  /** Whether a view starts on the boundary; an empty one always does. False where that cannot be known. */
  isAligned(view: ArrayBufferView): boolean;
}

/** Finds `byteCount` zeroed bytes on the boundary: a buffer and an offset into it. */
export type Reserve = (byteCount: number) => { readonly buffer: ArrayBuffer; readonly byteOffset: number };

/** Makes the typed arrays of an allocator; `count` in elements. */
export function allocateWith(reserve: Reserve): AlignedMemory['allocate'] {
  function allocate(type: 'float32', count: number): Float32Array;
  function allocate(type: 'float64', count: number): Float64Array;
  function allocate(type: 'int64', count: number): BigInt64Array;
  function allocate(type: AllocatedType, count: number): Float32Array | Float64Array | BigInt64Array {
    const { buffer, byteOffset } = reserve(count * (type === 'float32' ? 4 : 8));
    if (type === 'float32') return new Float32Array(buffer, byteOffset, count);
    if (type === 'float64') return new Float64Array(buffer, byteOffset, count);
    return new BigInt64Array(buffer, byteOffset, count);
  }
  return allocate;
}

/** A copy of data on the boundary. */
export function copyAligned(
  memory: AlignedMemory,
  type: Exclude<TensorType, 'string'>,
  data: NumericData,
): NumericData {
  const words = memory.allocate('float64', Math.ceil(data.byteLength / 8));
  const copy = new Uint8Array(words.buffer, words.byteOffset, data.byteLength);
  copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return typedArrayOver(type, words.buffer, words.byteOffset, data.length);
}
