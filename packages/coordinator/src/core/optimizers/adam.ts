/** Adam (Kingma and Ba 2015) in the form of Keras 3. */
import { inPieces } from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import { normal } from '../rounding.js';
import { type Optimizer, restoreVectors } from './optimizer.js';

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
  const mean = new Float32Array(elementCount);
  const square = new Float32Array(elementCount);
  const vectors = { mean, square };
  let beta1Power = 1;
  let beta2Power = 1;
  const keep1 = Math.fround(1 - settings.beta1);
  const keep2 = Math.fround(1 - settings.beta2);
  const epsilon = Math.fround(settings.epsilon);
  return {
    name,
    state: () => ({ vectors, numbers: { beta1Power, beta2Power } }),
    *restore(saved) {
      yield* restoreVectors(vectors, saved);
      beta1Power = saved.numbers.beta1Power ?? 1;
      beta2Power = saved.numbers.beta2Power ?? 1;
    },
    step(parameters, gradient, next, learningRate) {
      beta1Power *= settings.beta1;
      beta2Power *= settings.beta2;
      const alpha = Math.fround((learningRate * Math.sqrt(1 - beta2Power)) / (1 - beta1Power));
      const decay = Math.fround(weightDecay * learningRate);
      return inPieces(parameters.length, (start, end) => {
        for (let index = start; index < end; index++) {
          const g = gradient[index]!;
          const m = normal(mean[index]! + normal(normal(g - mean[index]!) * keep1));
          const v = normal(square[index]! + normal(normal(normal(g * g) - square[index]!) * keep2));
          mean[index] = m;
          square[index] = v;
          const p = parameters[index]!;
          const decayed = decay === 0 ? p : normal(p - normal(p * decay));
          const change = normal(normal(m * alpha) / normal(Math.fround(Math.sqrt(v)) + epsilon));
          next[index] = normal(decayed - change);
        }
      });
    },
  };
}
