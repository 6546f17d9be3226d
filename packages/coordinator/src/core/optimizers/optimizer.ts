/** What an optimizer is: one step over flat vectors, and a state that a checkpoint can hold. */

/** State of an optimizer: vectors as long as the parameters, and float64 numbers such as beta powers. */
export interface OptimizerState {
  readonly vectors: Readonly<Record<string, Float32Array>>;
  readonly numbers: Readonly<Record<string, number>>;
}

/** Formulas are those of Keras 3 (docs/optimizers.md); every operation rounds to float32. */
export interface Optimizer {
  readonly name: string;
  /**
   * Writes the next parameters.
   * @param parameters version v, left as it is
   * @param gradient mean gradient, clipped; may be overwritten
   * @param next receives version v + 1
   */
  step(parameters: Float32Array, gradient: Float32Array, next: Float32Array, learningRate: number): void;
  /** The state as it is now; vectors are views. */
  state(): OptimizerState;
  /** Takes over a saved state. */
  restore(state: OptimizerState): void;
}

/** Copies saved vectors over the ones in use. @throws Error when one is absent or of another length */
export function restoreVectors(own: Readonly<Record<string, Float32Array>>, saved: OptimizerState): void {
  for (const [name, vector] of Object.entries(own)) {
    const found = saved.vectors[name];
    if (found?.length !== vector.length) throw new Error(`the saved optimizer state has no fitting ${name}`);
    vector.set(found);
  }
}
