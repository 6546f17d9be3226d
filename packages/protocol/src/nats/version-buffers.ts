/** Two buffers for the two versions that a step needs: the one in use and the next. */

/** Says which buffer a version is assembled in. The lowest version makes room, as in the assembler. */
export class VersionBuffers {
  readonly #buffers: readonly [Float32Array, Float32Array];
  readonly #places = new Map<number, number>();

  constructor(buffers: readonly [Float32Array, Float32Array]) {
    this.#buffers = buffers;
  }

  /** The buffer of a version; a version keeps its buffer until another one needs it. */
  take(version: number): Float32Array {
    let place = this.#places.get(version);
    if (place === undefined) {
      place = this.#places.size < 2 ? this.#places.size : this.#evict();
      this.#places.set(version, place);
    }
    return this.#buffers[place] as Float32Array;
  }

  /** Forgets every version, as a new leadership epoch does. */
  clear(): void {
    this.#places.clear();
  }

  #evict(): number {
    const lowest = Math.min(...this.#places.keys());
    const place = this.#places.get(lowest) ?? 0;
    this.#places.delete(lowest);
    return place;
  }
}
