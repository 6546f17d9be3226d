/**
 * Binary cross-entropy from the logit z and the target y in {0, 1}: softplus((1 - 2y) z), which is
 * -y log s(z) - (1 - y) log(1 - s(z)) without overflow or cancellation.
 */
import type { Loss } from './loss.js';

/** `binaryCrossEntropy`. */
export const binaryCrossEntropy: Loss = {
  name: 'binaryCrossEntropy',
  foldedActivation: 'sigmoid',
  outputWidth: () => 1,
  rowLoss({ builder, scores, target }) {
    const twice = builder.node('Mul', [target, builder.scalar(-2)]);
    const sign = builder.node('Add', [twice, builder.scalar(1)]);
    return builder.node('Softplus', [builder.node('Mul', [scores, sign])]);
  },
};
