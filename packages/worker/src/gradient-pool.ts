/** Flat gradient vectors that are used again: a worker that pre-sums n lanes needs about log2(n) of them. */
import type { Engine } from '@lockstep/engine';

/** Hands out zeroed-once vectors of one length; padding between tensors stays 0, since only tensors are written. */
export class GradientPool {
  readonly #engine: Engine;
  readonly #elementCount: number;
  readonly #free: Float32Array[] = [];

  constructor(engine: Engine, elementCount: number) {
    this.#engine = engine;
    this.#elementCount = elementCount;
  }

  /** A vector whose tensors hold old values. */
  take(): Float32Array {
    return this.#free.pop() ?? this.#engine.allocate('float32', this.#elementCount);
  }

  /** Gives a vector back. */
  release(gradient: Float32Array): void {
    this.#free.push(gradient);
  }
}
