/** Two buffers for the two versions that a step needs: the one in use and the next. */
import type { VersionKey } from '../core/parameters/chunk.js';

/** Says which buffer a version is assembled in. The lowest version makes room, as in the assembler. */
export class VersionBuffers {
  readonly #buffers: readonly [Float32Array, Float32Array];
  /** Places of versions of the newest leadership epoch. */
  readonly #places = new Map<number, number>();
  #leadershipEpoch = 0;

  constructor(buffers: readonly [Float32Array, Float32Array]) {
    this.#buffers = buffers;
  }

  /** The buffer of a version, which keeps it until another one needs it. Earlier leadership epochs keep none. */
  take({ leadershipEpoch, version }: VersionKey): Float32Array {
    if (leadershipEpoch !== this.#leadershipEpoch) this.#places.clear();
    this.#leadershipEpoch = leadershipEpoch;
    let place = this.#places.get(version);
    if (place === undefined) {
      place = this.#places.size < 2 ? this.#places.size : this.#evict();
      this.#places.set(version, place);
    }
    return this.#buffers[place] as Float32Array;
  }

  #evict(): number {
    const lowest = Math.min(...this.#places.keys());
    const place = this.#places.get(lowest) ?? 0;
    this.#places.delete(lowest);
    return place;
  }
}
