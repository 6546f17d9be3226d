/** Aligned memory found through its address. */
import koffi from 'koffi';
import { ALIGNMENT_BYTES, type AlignedMemory, allocateWith } from './aligned-memory.js';

/** Address of a view's first byte. Reading `buffer` moves a small array off the heap that the collector compacts. */
export function addressOf(view: ArrayBufferView): bigint {
  return view.buffer.byteLength === 0 ? 0n : koffi.address(view);
}

/** Memory of ordinary buffers, a little longer than asked for. */
export const addressedMemory: AlignedMemory = {
  allocate: allocateWith((byteCount) => {
    const buffer = new ArrayBuffer(byteCount + ALIGNMENT_BYTES);
    const past = Number(addressOf(new Uint8Array(buffer)) % BigInt(ALIGNMENT_BYTES));
    return { buffer, byteOffset: (ALIGNMENT_BYTES - past) % ALIGNMENT_BYTES };
  }),
  isAligned: (view) => view.byteLength === 0 || addressOf(view) % BigInt(ALIGNMENT_BYTES) === 0n,
};
