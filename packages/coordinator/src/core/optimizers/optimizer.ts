/** What an optimizer is: one step over flat vectors, and a state that a checkpoint can hold. */

import { inPieces } from '@lockstep/protocol/core';

/** State of an optimizer: vectors as long as the parameters, and float64 numbers such as beta powers. */
export interface OptimizerState {
  readonly vectors: Readonly<Record<string, Float32Array>>;
  readonly numbers: Readonly<Record<string, number>>;
}

/** Formulas are those of Keras 3 (docs/optimizers.md); every operation rounds to float32. */
export interface Optimizer {
  readonly name: string;
  /**
   * Writes the next parameters, in pieces; parameters and state are those of no step until the last is done.
   * @param parameters version v, left as it is
   * @param gradient mean gradient, clipped; may be overwritten
   * @param next receives version v + 1
   */
  step(
    parameters: Float32Array,
    gradient: Float32Array,
    next: Float32Array,
    learningRate: number,
  ): Generator<void, void>;
  /** The state as it is now; vectors are views. */
  state(): OptimizerState;
  /** Takes over a saved state, in pieces. */
  restore(state: OptimizerState): Generator<void, void>;
}

/** Copies saved vectors over the ones in use. @throws Error when one is absent or of another length */
export function* restoreVectors(
  own: Readonly<Record<string, Float32Array>>,
  saved: OptimizerState,
): Generator<void, void> {
  for (const [name, vector] of Object.entries(own)) {
    const found = saved.vectors[name];
    if (found?.length !== vector.length) throw new Error(`the saved optimizer state has no fitting ${name}`);
    yield* inPieces(vector.length, (start, end) => vector.set(found.subarray(start, end), start));
  }
}
