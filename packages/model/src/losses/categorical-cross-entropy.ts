/** Cross-entropy over classes. A label column holds one class a row, so it is the same as its sibling with another name. */
import type { Loss } from './loss.js';
import { softmaxCrossEntropy } from './shared/softmax-cross-entropy.js';

/** `categoricalCrossEntropy`. */
export const categoricalCrossEntropy: Loss = {
  name: 'categoricalCrossEntropy',
  foldedActivation: 'softmax',
  outputWidth: (classes) => classes,
  rowLoss: softmaxCrossEntropy,
};
