/**
 * File 5 of one step: mean, regularisers, non-finite check, clipping, optimizer: version v becomes v + 1. The caller
 * publishes it, and every worker awaits it in worker/compute-lane.ts; the step itself began in coordinator/run-step.ts.
 */
import { inPieces, LockstepError, type ParameterLayout, type TensorLayout } from '@lockstep/protocol/core';
import { type ClipOptions, clipGradient, scale } from './clip.js';
import { firstNotFinite } from './non-finite.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { normal } from './rounding.js';

/** Penalty on one tensor. */
export interface RegularizerTerm {
  readonly tensor: string;
  readonly l1: number;
  readonly l2: number;
}

/** Everything that turns a gradient sum into the next version. */
export interface UpdateRule {
  readonly layout: ParameterLayout;
  readonly regularizers: readonly RegularizerTerm[];
  readonly clip: ClipOptions;
  readonly optimizer: Optimizer;
}

/** One update. */
export interface UpdateInput {
  /** Version v, left as it is. */
  readonly parameters: Float32Array;
  /** Sum over all lanes; overwritten. */
  readonly gradientSum: Float32Array;
  /** Sum of the sample weights, D. */
  readonly denominator: number;
  readonly learningRate: number;
  readonly step: number;
  /** Receives version v + 1. */
  readonly next: Float32Array;
}

/**
 * Writes version v + 1: x fround(1/D), + L1 and L2 terms, check, clip, optimizer, in this order, all in pieces.
 * @throws LockstepError NUMERICS_NOT_FINITE naming step and tensor; `next` and the optimizer are untouched then
 */
export function* update(rule: UpdateRule, input: UpdateInput): Generator<void, void> {
  const { parameters, gradientSum, next } = input;
  yield* scale(gradientSum, Math.fround(1 / input.denominator));
  for (const term of rule.regularizers) {
    yield* addPenalty(gradientSum, parameters, tensorOf(rule.layout, term.tensor), term);
  }
  yield* checkFinite(
    gradientSum,
    rule.layout,
    (tensor, value) => `The gradient of ${tensor} is ${value} in step ${input.step}.`,
  );
  yield* clipGradient(gradientSum, rule.clip);
  yield* rule.optimizer.step(parameters, gradientSum, next, input.learningRate);
}

/** Adds l1 sign(w) + 2 l2 w, the gradient of l1 |w| + l2 w^2 (Keras' L1L2). */
function addPenalty(
  gradient: Float32Array,
  parameters: Float32Array,
  { start: offset, length }: TensorLayout,
  { l1, l2 }: RegularizerTerm,
): Generator<void, void> {
  const flat = Math.fround(l1);
  const slope = Math.fround(2 * l2);
  return inPieces(length, (start, end) => {
    for (let index = offset + start; index < offset + end; index++) {
      const w = parameters[index]!;
      const sign = w > 0 ? flat : w < 0 ? -flat : 0;
      gradient[index] = normal(gradient[index]! + normal(sign + normal(slope * w)));
    }
  });
}

/** @throws LockstepError NUMERICS_NOT_FINITE when an element of the parameters after so many steps is not finite */
export function checkParameters(
  parameters: Float32Array,
  layout: ParameterLayout,
  steps: number,
): Generator<void, void> {
  return checkFinite(parameters, layout, (tensor, value) => `The value of ${tensor} is ${value} after ${steps} steps.`);
}

function* checkFinite(
  values: Float32Array,
  layout: ParameterLayout,
  describe: (tensor: string, value: number) => string,
): Generator<void, void> {
  const index = yield* firstNotFinite(values);
  if (index === values.length) return;
  const tensor = layout.tensors.find(({ start, length }) => index >= start && index < start + length);
  const value = values[index]!;
  throw new LockstepError('NUMERICS_NOT_FINITE', {
    message: describe(tensor?.name ?? 'a parameter', value),
    field: tensor?.name ?? '',
    value: String(value),
  });
}

function tensorOf(layout: ParameterLayout, name: string): TensorLayout {
  const tensor = layout.tensors.find((candidate) => candidate.name === name);
  if (!tensor) throw new Error(`the layout has no tensor ${name}`);
  return tensor;
}
