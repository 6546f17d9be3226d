/** Global batches of a job: the rows of each step, from sampler v1. */
import { batchRows, epochOrder } from '@lockstep/protocol/core';

/** What the order of rows follows from. */
export interface SamplerOptions {
  readonly seed: number;
  readonly rowCount: number;
  readonly batchSize: number;
}

/** Rows by epoch and step; keeps the order of the last epoch asked for. */
export class Sampler {
  readonly #options: SamplerOptions;
  #epoch = -1;
  #order: Uint32Array = new Uint32Array(0);

  constructor(options: SamplerOptions) {
    this.#options = options;
  }

  /** Rows of one global batch, in order. */
  rows(epoch: number, stepInEpoch: number): Uint32Array {
    const { seed, rowCount, batchSize } = this.#options;
    if (epoch !== this.#epoch) {
      this.#order = epochOrder({ seed, epoch, rowCount });
      this.#epoch = epoch;
    }
    return batchRows(this.#order, stepInEpoch, batchSize);
  }
}
