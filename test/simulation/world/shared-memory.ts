/** Simulated shared memory: one buffer that processes of one machine write to and read from at any time. */
import {
  hostLinkUnavailable,
  type SharedMemory,
  type SharedMemoryProvider,
  VectorMemory,
  vectorMemoryBytes,
} from '@lockstep/protocol';

/** Memory of all processes that may share it. */
export class SimulatedMemory implements SharedMemoryProvider {
  readonly #made = new Map<string, ArrayBuffer>();
  #count = 0;

  create(byteLength: number): Promise<SharedMemory> {
    const path = `memory ${this.#count++}`;
    const bytes = new ArrayBuffer(byteLength);
    this.#made.set(path, bytes);
    return Promise.resolve(this.#held(path, bytes));
  }

  open(path: string, byteLength: number): SharedMemory {
    const bytes = this.#made.get(path);
    if (bytes?.byteLength !== byteLength) throw hostLinkUnavailable(`there is no ${path}`);
    return this.#held(path, bytes);
  }

  /** The vectors that lie at a path. */
  vectors(path: string, elementCount: number): readonly Float32Array[] {
    const bytes = this.#made.get(path);
    if (!bytes) return [];
    const stride = vectorMemoryBytes(elementCount, 1) - vectorMemoryBytes(elementCount, 0);
    const count = (bytes.byteLength - vectorMemoryBytes(elementCount, 0)) / stride;
    return new VectorMemory(bytes, elementCount, count).vectors;
  }

  #held(path: string, bytes: ArrayBuffer): SharedMemory {
    const discard = (): void => {
      this.#made.delete(path);
      new Uint8Array(bytes).fill(0);
    };
    return { path, bytes, close: () => {}, discard };
  }
}
