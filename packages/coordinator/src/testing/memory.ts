/** Shared memory of one process, for tests of who may read it when. */
import { hostLinkUnavailable, type SharedMemory, type SharedMemoryProvider } from '@lockstep/protocol';

/** Memory that remembers what was discarded. */
export class TestMemory implements SharedMemoryProvider {
  readonly discarded: string[] = [];
  readonly #made = new Map<string, ArrayBuffer>();

  async create(byteLength: number): Promise<SharedMemory> {
    const path = `memory ${this.#made.size}`;
    this.#made.set(path, new ArrayBuffer(byteLength));
    return this.open(path, byteLength);
  }

  open(path: string, byteLength: number): SharedMemory {
    const bytes = this.#made.get(path);
    if (bytes?.byteLength !== byteLength) throw hostLinkUnavailable(`there is no ${path}`);
    return { path, bytes, close: () => {}, discard: () => void this.discarded.push(path) };
  }
}
