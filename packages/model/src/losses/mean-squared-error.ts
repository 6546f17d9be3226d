/** Mean squared error: (score - target)^2 per row. */
import type { Loss } from './loss.js';

/** `mse`. */
export const meanSquaredError: Loss = {
  name: 'mse',
  foldedActivation: null,
  outputWidth: () => 1,
  rowLoss({ builder, scores, target }) {
    const difference = builder.node('Sub', [scores, target]);
    return builder.node('Mul', [difference, difference]);
  },
};
