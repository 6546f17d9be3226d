/** Adam (Kingma and Ba 2015) in the form of Keras 3. */
import { add, constant, divide, multiply, root, scalar, subtract, vector } from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import { type Optimizer, PARAMETERS, restoreVectors } from './optimizer.js';

/** Settings that Adam and AdamW share. */
export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/**
 * `adam`: m += (g - m)(1 - b1), v += (g^2 - v)(1 - b2), p - alpha m / (sqrt(v) + epsilon) with
 * alpha = lr sqrt(1 - b2^t) / (1 - b1^t). Beta powers are float64, by repeated multiplication.
 */
export function createAdam(spec: Extract<OptimizerSpec, { type: 'adam' }>, elementCount: number): Optimizer {
  return adamWithDecay('adam', spec, 0, elementCount);
}

/** Adam whose parameters decay by lr x weightDecay before each step. */
export function adamWithDecay(
  name: string,
  settings: AdamSettings,
  weightDecay: number,
  elementCount: number,
): Optimizer {
  const vectors = { mean: new Float32Array(elementCount), square: new Float32Array(elementCount) };
  let beta1Power = 1;
  let beta2Power = 1;
  const keep1 = constant(1 - settings.beta1);
  const keep2 = constant(1 - settings.beta2);
  return {
    name,
    state: () => ({ vectors, numbers: { beta1Power, beta2Power } }),
    *restore(saved) {
      yield* restoreVectors(vectors, saved);
      beta1Power = saved.numbers.beta1Power ?? 1;
      beta2Power = saved.numbers.beta2Power ?? 1;
    },
    begin(learningRate) {
      beta1Power *= settings.beta1;
      beta2Power *= settings.beta2;
      const alpha = (learningRate * Math.sqrt(1 - beta2Power)) / (1 - beta1Power);
      return { alpha, decay: weightDecay * learningRate };
    },
    step(gradient) {
      const [m, v] = [vector('mean'), vector('square')];
      const mean = add(m, multiply(subtract(gradient, m), keep1));
      const square = add(v, multiply(subtract(multiply(gradient, gradient), v), keep2));
      const change = divide(multiply(mean, scalar('alpha')), add(root(square), constant(settings.epsilon)));
      const decayed = subtract(PARAMETERS, multiply(PARAMETERS, scalar('decay')));
      return { next: subtract(weightDecay === 0 ? PARAMETERS : decayed, change), mean, square };
    },
  };
}
