/** Aligned memory of one batch, allocated once and filled again for every lane or chunk. */
import type { Engine, EngineTensor } from '@lockstep/engine';

/** Features, targets and weights of up to `maxRows` rows. */
export class BatchMemory {
  /** Row-major [maxRows, featureWidth]. */
  readonly features: Float32Array;
  readonly target: Float32Array;
  readonly weight: Float32Array;
  readonly #featureWidth: number;

  constructor(engine: Engine, maxRows: number, featureWidth: number) {
    this.features = engine.allocate('float32', maxRows * featureWidth);
    this.target = engine.allocate('float32', maxRows);
    this.weight = engine.allocate('float32', maxRows);
    this.#featureWidth = featureWidth;
  }

  /** The first `rows` rows as the graphs' inputs. */
  feeds(rows: number): Record<string, EngineTensor> {
    return {
      features: matrix(this.features, rows, this.#featureWidth),
      target: matrix(this.target, rows, 1),
      weight: matrix(this.weight, rows, 1),
    };
  }
}

/** The first rows of a row-major matrix as a tensor over the same memory. */
export function matrix(data: Float32Array, rows: number, width: number): EngineTensor {
  return { type: 'float32', shape: [rows, width], data: data.subarray(0, rows * width) };
}
