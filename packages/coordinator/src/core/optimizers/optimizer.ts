/** What an optimizer is: a formula for one step over flat vectors, and a state that a checkpoint can hold. */
import { inPieces, type Term, vector } from '@lockstep/protocol/core';

/** State of an optimizer: vectors as long as the parameters, and float64 numbers such as beta powers. */
export interface OptimizerState {
  readonly vectors: Readonly<Record<string, Float32Array>>;
  readonly numbers: Readonly<Record<string, number>>;
}

/** The version v that a step starts from, in formulas. */
export const PARAMETERS = vector('parameters');

/** Version v + 1 by the name `next`, and what the step leaves in the vectors of the state by theirs. */
export interface StepTerms {
  readonly next: Term;
  readonly [vector: string]: Term;
}

/** Formulas are those of Keras 3 (docs/optimizers.md); every operation rounds to float32. */
export interface Optimizer {
  readonly name: string;
  /** One step from {@link PARAMETERS} along a gradient, which is the mean, clipped. */
  step(gradient: Term): StepTerms;
  /** Begins a step. @returns the scalars of its formula */
  begin(learningRate: number): Readonly<Record<string, number>>;
  /** The state as it is now; vectors are those in use. */
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
