/** RMSprop in the form of Keras 3. */
import { add, constant, divide, multiply, root, scalar, subtract, type Term, vector } from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import { type Optimizer, PARAMETERS, restoreVectors } from './optimizer.js';

/**
 * `rmsprop`: v = rho v + (1 - rho) g^2; centered subtracts the square of the mean gradient from v; the step
 * lr g / sqrt(v + epsilon) goes through the momentum where there is one.
 */
export function createRmsprop(spec: Extract<OptimizerSpec, { type: 'rmsprop' }>, elementCount: number): Optimizer {
  const vectors: Record<string, Float32Array> = { square: new Float32Array(elementCount) };
  if (spec.centered) vectors.mean = new Float32Array(elementCount);
  if (spec.momentum > 0) vectors.momentum = new Float32Array(elementCount);
  const rho = constant(spec.rho);
  const keep = constant(1 - spec.rho);
  const averageOf = (name: string, newest: Term): Term => add(multiply(rho, vector(name)), multiply(keep, newest));
  return {
    name: 'rmsprop',
    state: () => ({ vectors, numbers: {} }),
    restore: (saved) => restoreVectors(vectors, saved),
    begin: (learningRate) => ({ rate: learningRate }),
    step(gradient) {
      const square = averageOf('square', multiply(gradient, gradient));
      const mean = averageOf('mean', gradient);
      const variance = spec.centered ? subtract(square, multiply(mean, mean)) : square;
      const deviation = root(add(variance, constant(spec.epsilon)));
      const change = divide(multiply(scalar('rate'), gradient), deviation);
      const moved = add(multiply(constant(spec.momentum), vector('momentum')), change);
      return {
        next: subtract(PARAMETERS, vectors.momentum ? moved : change),
        square,
        ...(vectors.mean ? { mean } : {}),
        ...(vectors.momentum ? { momentum: moved } : {}),
      };
    },
  };
}
