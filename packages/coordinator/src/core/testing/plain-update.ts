/** An update written as plain loops over numbers, one for each formula: what the kernels must equal bit for bit. */
import type { GradientFormat } from '@lockstep/protocol/core';
import type { OptimizerSpec } from '@lockstep/spec';
import type { ClipOptions } from '../clip.js';
import type { OptimizerState } from '../optimizers/optimizer.js';
import type { RegularizerTerm } from '../penalties.js';
import { normal, plainOperand } from './rounding.js';

/** Elements of the flat vector that a penalty is on. */
export interface PlainPenalty extends Omit<RegularizerTerm, 'tensor'> {
  readonly start: number;
  readonly end: number;
}

/** One update. */
export interface PlainUpdate {
  readonly parameters: Float32Array;
  readonly gradients: readonly Float32Array[];
  readonly denominator: number;
  readonly learningRate: number;
  /** Of operands, where there are several. */
  readonly format: GradientFormat['name'];
  readonly penalties: readonly PlainPenalty[];
  readonly clip: ClipOptions;
  /** Changed to what the step leaves. */
  readonly state: OptimizerState;
  /** Updates done, with this one. */
  readonly t: number;
}

/** @returns version v + 1 */
export function plainUpdate(spec: OptimizerSpec, input: PlainUpdate): Float32Array {
  const { parameters, penalties, clip } = input;
  const factor = Math.fround(1 / input.denominator);
  const gradient = parameters.map((_, index) => {
    const taken = input.gradients.length > 1 ? input.format : 'float32';
    const operands = input.gradients.map((operand) => plainOperand(operand[index]!, taken));
    return normal(operands.reduce((left, right) => normal(left + right)) * factor);
  });
  for (const { start, end, l1, l2 } of penalties) {
    for (let index = start; index < end; index++) {
      const w = parameters[index]!;
      const sign = w > 0 ? Math.fround(l1) : w < 0 ? -Math.fround(l1) : 0;
      gradient[index] = normal(gradient[index]! + normal(sign + normal(Math.fround(2 * l2) * w)));
    }
  }
  if (clip.value !== undefined) {
    const limit = Math.fround(clip.value);
    gradient.forEach((value, index) => {
      if (Math.abs(value) > limit) gradient[index] = value > 0 ? limit : -limit;
    });
  }
  if (clip.globalNorm !== undefined) {
    const norm = plainNorm(gradient);
    const shrink = Math.fround(clip.globalNorm / norm);
    if (norm > clip.globalNorm) gradient.set(gradient.map((value) => normal(value * shrink)));
  }
  return parameters.map((p, index) => stepOf(spec, input, p, gradient[index]!, index));
}

function plainNorm(gradient: Float32Array): number {
  const sums: number[] = [];
  for (let start = 0; start < gradient.length; start += 4096) {
    let sum = 0;
    for (const value of gradient.subarray(start, start + 4096)) sum += value * value;
    sums.push(sum);
  }
  const tree = (values: readonly number[]): number => {
    if (values.length <= 1) return values[0] ?? 0;
    const split = 2 ** Math.floor(Math.log2(values.length - 1));
    return tree(values.slice(0, split)) + tree(values.slice(split));
  };
  return Math.sqrt(tree(sums));
}

function stepOf(
  spec: OptimizerSpec,
  { state: { vectors }, learningRate, t }: PlainUpdate,
  p: number,
  g: number,
  index: number,
): number {
  const { momentum: velocity, mean, square } = vectors;
  const rate = Math.fround(learningRate);
  if (spec.type === 'sgd') {
    const momentum = Math.fround(spec.momentum);
    const descent = normal(rate * g);
    if (!velocity) return normal(p - descent);
    const moved = normal(normal(momentum * velocity[index]!) - descent);
    velocity[index] = moved;
    return normal(p + (spec.nesterov ? normal(normal(momentum * moved) - descent) : moved));
  }
  if (spec.type === 'rmsprop') {
    const [rho, keep] = [Math.fround(spec.rho), Math.fround(1 - spec.rho)];
    const v = normal(normal(rho * square![index]!) + normal(keep * normal(g * g)));
    square![index] = v;
    let variance = v;
    if (mean) {
      const average = normal(normal(rho * mean[index]!) + normal(keep * g));
      mean[index] = average;
      variance = normal(v - normal(average * average));
    }
    let change = normal(normal(rate * g) / Math.fround(Math.sqrt(normal(variance + Math.fround(spec.epsilon)))));
    if (velocity) {
      change = normal(normal(Math.fround(spec.momentum) * velocity[index]!) + change);
      velocity[index] = change;
    }
    return normal(p - change);
  }
  let [beta1Power, beta2Power] = [1, 1];
  for (let step = 0; step < t; step++) [beta1Power, beta2Power] = [beta1Power * spec.beta1, beta2Power * spec.beta2];
  const alpha = Math.fround((learningRate * Math.sqrt(1 - beta2Power)) / (1 - beta1Power));
  const decay = spec.type === 'adamw' ? Math.fround(spec.weightDecay * learningRate) : 0;
  const m = normal(mean![index]! + normal(normal(g - mean![index]!) * Math.fround(1 - spec.beta1)));
  const v = normal(square![index]! + normal(normal(normal(g * g) - square![index]!) * Math.fround(1 - spec.beta2)));
  mean![index] = m;
  square![index] = v;
  const decayed = decay === 0 ? p : normal(p - normal(p * decay));
  return normal(decayed - normal(normal(m * alpha) / normal(Math.fround(Math.sqrt(v)) + Math.fround(spec.epsilon))));
}
