/** What a loss is: rows of losses from the model's scores, and what the scores mean. */
import type { GraphBuilder } from '../graph/builder.js';

/** What a loss builds with. */
export interface LossInputs {
  readonly builder: GraphBuilder;
  /** [N, width]: logits where {@link Loss.foldedActivation} is set, else the model's output. */
  readonly scores: string;
  /** [N, 1]: class index or value. */
  readonly target: string;
  readonly width: number;
}

/** A loss of the spec. */
export interface Loss {
  readonly name: string;
  /** The final activation that the loss takes over, so that it works on logits; null where it takes the output as it is. */
  readonly foldedActivation: 'sigmoid' | 'softmax' | null;
  /** Unweighted loss of each row, [N, 1]. */
  readonly rowLoss: (inputs: LossInputs) => string;
  /** Width of the output that fits, for a model of `classes` classes (1 for a number). */
  readonly outputWidth: (classes: number) => number;
}
