/** Flat gradient vectors that are used again: a worker that pre-sums n lanes needs about log2(n) of them. */
import type { Engine } from '@lockstep/engine';

/** Hands out zeroed-once vectors of one length; padding between tensors stays 0, since only tensors are written. */
export class GradientPool {
  readonly #engine: Engine;
  readonly #elementCount: number;
  readonly #slots: readonly Float32Array[];
  readonly #free: Float32Array[] = [];
  readonly #freeSlots: Float32Array[];
  #lent: { readonly version: number; readonly gradient: Float32Array }[] = [];

  /** @param slots vectors that the coordinator can read too; they are handed out before others */
  constructor(engine: Engine, elementCount: number, slots: readonly Float32Array[] = []) {
    this.#engine = engine;
    this.#elementCount = elementCount;
    this.#slots = slots;
    this.#freeSlots = [...slots];
  }

  /**
   * A vector whose tensors hold old values.
   * @param isShown whether it becomes a sum that is sent; only such a one is taken from the slots
   */
  take(isShown = true): Float32Array {
    return (
      (isShown ? this.#freeSlots.pop() : undefined) ??
      this.#free.pop() ??
      this.#engine.allocate('float32', this.#elementCount)
    );
  }

  /** Gives a vector back. */
  release(gradient: Float32Array): void {
    (this.#slots.includes(gradient) ? this.#freeSlots : this.#free).push(gradient);
  }

  /** Leaves a vector to the coordinator, which reads it until it goes on to a later version. @returns 1-based slot; 0 where it has none */
  lend(gradient: Float32Array, version: number): number {
    const slot = this.#slots.indexOf(gradient) + 1;
    if (slot > 0) this.#lent.push({ version, gradient });
    return slot;
  }

  /** Takes back what was lent under versions before that of a new command. */
  reclaim(version: number): void {
    const isOver = (lent: { readonly version: number }): boolean => lent.version < version;
    for (const { gradient } of this.#lent.filter(isOver)) this.release(gradient);
    this.#lent = this.#lent.filter((lent) => !isOver(lent));
  }
}
