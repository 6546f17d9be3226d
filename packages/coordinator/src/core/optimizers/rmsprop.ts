/** RMSprop in the form of Keras 3. */
import { inPieces } from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import { normal } from '../rounding.js';
import { type Optimizer, restoreVectors } from './optimizer.js';

/**
 * `rmsprop`: v = rho v + (1 - rho) g^2; centered subtracts the square of the mean gradient from v; the step
 * lr g / sqrt(v + epsilon) goes through the momentum where there is one.
 */
export function createRmsprop(spec: Extract<OptimizerSpec, { type: 'rmsprop' }>, elementCount: number): Optimizer {
  const square = new Float32Array(elementCount);
  const vectors: Record<string, Float32Array> = { square };
  if (spec.centered) vectors.mean = new Float32Array(elementCount);
  if (spec.momentum > 0) vectors.momentum = new Float32Array(elementCount);
  const { mean, momentum: velocity } = vectors;
  const rho = Math.fround(spec.rho);
  const keep = Math.fround(1 - spec.rho);
  const momentum = Math.fround(spec.momentum);
  const epsilon = Math.fround(spec.epsilon);
  return {
    name: 'rmsprop',
    state: () => ({ vectors, numbers: {} }),
    restore: (saved) => restoreVectors(vectors, saved),
    step(parameters, gradient, next, learningRate) {
      const rate = Math.fround(learningRate);
      return inPieces(parameters.length, (start, end) => {
        for (let index = start; index < end; index++) {
          const g = gradient[index]!;
          const v = normal(normal(rho * square[index]!) + normal(keep * normal(g * g)));
          square[index] = v;
          let variance = v;
          if (mean) {
            const average = normal(normal(rho * mean[index]!) + normal(keep * g));
            mean[index] = average;
            variance = normal(v - normal(average * average));
          }
          let change = normal(normal(rate * g) / Math.fround(Math.sqrt(normal(variance + epsilon))));
          if (velocity) {
            change = normal(normal(momentum * velocity[index]!) + change);
            velocity[index] = change;
          }
          next[index] = normal(parameters[index]! - change);
        }
      });
    },
  };
}
