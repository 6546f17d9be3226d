/** Stochastic gradient descent, with momentum and Nesterov's look ahead. */
import { inPieces } from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import { normal } from '../rounding.js';
import { type Optimizer, restoreVectors } from './optimizer.js';

/** `sgd`: p - lr g; with momentum m = momentum m - lr g and p + m, or with Nesterov p + momentum m - lr g. */
export function createSgd(spec: Extract<OptimizerSpec, { type: 'sgd' }>, elementCount: number): Optimizer {
  const momentum = Math.fround(spec.momentum);
  const vectors: Record<string, Float32Array> = momentum > 0 ? { momentum: new Float32Array(elementCount) } : {};
  const velocity = vectors.momentum;
  return {
    name: 'sgd',
    state: () => ({ vectors, numbers: {} }),
    restore: (saved) => restoreVectors(vectors, saved),
    step(parameters, gradient, next, learningRate) {
      const rate = Math.fround(learningRate);
      return inPieces(parameters.length, (start, end) => {
        for (let index = start; index < end; index++) {
          const descent = normal(rate * gradient[index]!);
          if (!velocity) {
            next[index] = normal(parameters[index]! - descent);
            continue;
          }
          const moved = normal(normal(momentum * velocity[index]!) - descent);
          velocity[index] = moved;
          const change = spec.nesterov ? normal(normal(momentum * moved) - descent) : moved;
          next[index] = normal(parameters[index]! + change);
        }
      });
    },
  };
}
