/** Stochastic gradient descent, with momentum and Nesterov's look ahead. */
import { add, constant, multiply, scalar, subtract, vector } from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import { type Optimizer, PARAMETERS, restoreVectors } from './optimizer.js';

/** `sgd`: p - lr g; with momentum m = momentum m - lr g and p + m, or with Nesterov p + momentum m - lr g. */
export function createSgd(spec: Extract<OptimizerSpec, { type: 'sgd' }>, elementCount: number): Optimizer {
  const vectors: Record<string, Float32Array> = spec.momentum > 0 ? { momentum: new Float32Array(elementCount) } : {};
  return {
    name: 'sgd',
    state: () => ({ vectors, numbers: {} }),
    restore: (saved) => restoreVectors(vectors, saved),
    begin: (learningRate) => ({ rate: learningRate }),
    step(gradient) {
      const descent = multiply(scalar('rate'), gradient);
      if (!vectors.momentum) return { next: subtract(PARAMETERS, descent) };
      const momentum = constant(spec.momentum);
      const moved = subtract(multiply(momentum, vector('momentum')), descent);
      const change = spec.nesterov ? subtract(multiply(momentum, moved), descent) : moved;
      return { next: add(PARAMETERS, change), momentum: moved };
    },
  };
}
