/** Every loss by its name in the spec. */
import type { LossName } from '@lockstep/spec';
import { binaryCrossEntropy } from './binary-cross-entropy.js';
import { categoricalCrossEntropy } from './categorical-cross-entropy.js';
import type { Loss } from './loss.js';
import { meanSquaredError } from './mean-squared-error.js';
import { sparseCategoricalCrossEntropy } from './sparse-categorical-cross-entropy.js';

/** Losses by name. */
export const LOSSES: Readonly<Record<LossName, Loss>> = {
  mse: meanSquaredError,
  binaryCrossEntropy,
  categoricalCrossEntropy,
  sparseCategoricalCrossEntropy,
};
