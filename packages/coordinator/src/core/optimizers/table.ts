/** Every optimizer by its name in the spec. */
import type { OptimizerSpec } from '@lockstep/spec';
import { createAdam } from './adam.js';
import { createAdamW } from './adamw.js';
import type { Optimizer } from './optimizer.js';
import { createRmsprop } from './rmsprop.js';
import { createSgd } from './sgd.js';

/** The optimizer of a spec, with fresh state for a vector of `elementCount`. */
export function createOptimizer(spec: OptimizerSpec, elementCount: number): Optimizer {
  switch (spec.type) {
    case 'sgd':
      return createSgd(spec, elementCount);
    case 'adam':
      return createAdam(spec, elementCount);
    case 'adamw':
      return createAdamW(spec, elementCount);
    case 'rmsprop':
      return createRmsprop(spec, elementCount);
  }
}
