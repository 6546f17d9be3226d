/** Aligned memory where no address can be read: WebAssembly memories start on a page. */
import { PAGE_MEMORY_BYTES } from '../limits.js';
import { ALIGNMENT_BYTES, type AlignedMemory, allocateWith } from './aligned-memory.js';

declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
  }) => { readonly buffer: ArrayBuffer };
};

const WASM_PAGE_BYTES = 65536;

/** Cuts blocks off WebAssembly memories; one is freed once nothing points into it. */
export function createPageMemory(): AlignedMemory {
  const known = new WeakSet<ArrayBufferLike>();
  let current = new ArrayBuffer(0);
  let used = 0;
  return {
    allocate: allocateWith((byteCount) => {
      if (used + byteCount > current.byteLength) {
        const pages = Math.ceil(Math.max(byteCount, PAGE_MEMORY_BYTES) / WASM_PAGE_BYTES);
        current = new WebAssembly.Memory({ initial: pages, maximum: pages }).buffer;
        known.add(current);
        used = 0;
      }
      const byteOffset = used;
      used += Math.ceil(byteCount / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
      return { buffer: current, byteOffset };
    }),
    isAligned: (view) => view.byteLength === 0 || (known.has(view.buffer) && view.byteOffset % ALIGNMENT_BYTES === 0),
  };
}
