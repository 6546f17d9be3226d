/**
 * File 5 of one step: mean, regularisers, non-finite check, clipping, optimizer: version v becomes v + 1. The caller
 * publishes it, and every worker awaits it in worker/compute-lane.ts; the step itself began in coordinator/run-step.ts.
 */
import {
  type GradientFormat,
  inPieces,
  LockstepError,
  type ParameterLayout,
  PIECE_ELEMENTS,
} from '@lockstep/protocol/core';
import { type ClipOptions, GlobalNorm, shrinkOf } from './clip.js';
import { firstNotFinite } from './non-finite.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { type RegularizerTerm, type Stretch, stretchesOf } from './penalties.js';
import { type Pass, UpdateKernels } from './update-kernels.js';

/** What helps where sums are larger than a format can hold; null where the catalogue says it. */
const OVERFLOW_FIXES: Readonly<Record<GradientFormat['name'], string | null>> = {
  float32: null,
  bfloat16: null,
  float16:
    'Sums over the rows of lanes overflow float16 above 65,504: use train.gradients: bfloat16, or scale features and targets down. Else lower the learning rate, or check the data.',
};

/** Everything that turns a gradient sum into the next version. */
export interface UpdateOptions {
  readonly layout: ParameterLayout;
  readonly regularizers: readonly RegularizerTerm[];
  readonly clip: ClipOptions;
  readonly optimizer: Optimizer;
  /** What operands of the tree's additions are rounded to, those of the last one too. */
  readonly format: GradientFormat;
}

/** {@link UpdateOptions} with what follows from them. */
export interface UpdateRule extends UpdateOptions {
  readonly stretches: readonly Stretch[];
  readonly kernels: UpdateKernels;
}

/** Prepares the updates of a job. @throws Error on a penalty on a tensor that does not exist */
export function updateRule(options: UpdateOptions): UpdateRule {
  return {
    ...options,
    stretches: stretchesOf(options.layout, options.regularizers),
    kernels: new UpdateKernels(options.clip, options.optimizer, options.format),
  };
}

/** One update. */
export interface UpdateInput {
  /** Version v, left as it is. */
  readonly parameters: Float32Array;
  /** The operands of the last addition of the tree, one or two, left as they are. Their sum is that over all lanes. */
  readonly gradients: readonly Float32Array[];
  /** Sum of the sample weights, D. */
  readonly denominator: number;
  readonly learningRate: number;
  readonly step: number;
  /** Receives version v + 1. */
  readonly next: Float32Array;
}

/**
 * Writes version v + 1: last addition, x fround(1/D), + L1 and L2 terms, check, clip, optimizer, in this order for each
 * element, in one run over memory. Only what an element alone can not tell takes a run before: the norm of the whole
 * gradient, and that it is finite, where the optimizer has a state to lose. All in pieces.
 * @throws LockstepError NUMERICS_NOT_FINITE naming step and tensor; the optimizer is untouched then, `next` is not
 */
export function* update(rule: UpdateRule, input: UpdateInput): Generator<void, void> {
  const { clip, optimizer } = rule;
  const hasState = Object.keys(optimizer.state().vectors).length > 0;
  let shrink = 1;
  if (clip.globalNorm !== undefined) {
    shrink = shrinkOf(yield* normOf(rule, input), clip.globalNorm);
  } else if (hasState && !(yield* run(rule, input, 'check'))) {
    yield* fail(rule, input);
  }
  const pass = hasState || clip.globalNorm !== undefined ? 'step' : 'checkedStep';
  const scalars = { ...optimizer.begin(input.learningRate), shrink };
  const allFinite = yield* run(rule, input, pass, scalars);
  if (!allFinite) yield* fail(rule, input);
}

/** Runs a pass over everything. @returns whether the gradient is finite, for passes that look */
function* run(rule: UpdateRule, input: UpdateInput, pass: Pass, scalars = {}): Generator<void, boolean> {
  let allFinite = true;
  yield* inPieces(input.parameters.length, (start, end) => {
    allFinite = runPiece(rule, input, { pass, start, end, scalars }) && allFinite;
  });
  return allFinite;
}

interface Piece {
  readonly pass: Pass;
  readonly start: number;
  readonly end: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** @param gradient receives the piece's gradient, from its own start, in passes that write it */
function runPiece(
  { stretches, kernels, optimizer }: UpdateRule,
  { parameters, next, gradients, denominator }: UpdateInput,
  { pass, start, end, scalars }: Piece,
  gradient: Float32Array | null = null,
): boolean {
  const operands = Object.fromEntries(gradients.map((vector, index) => [`gradient${index}`, vector]));
  const whole = { ...optimizer.state().vectors, ...operands, parameters, next };
  const part = Object.fromEntries(Object.entries(whole).map(([name, vector]) => [name, vector.subarray(start, end)]));
  const vectors = gradient ? { ...part, gradient } : part;
  let allFinite = true;
  for (const stretch of stretches) {
    const [from, to] = [Math.max(start, stretch.start), Math.min(end, stretch.end)];
    if (from >= to) continue;
    const kernel = kernels.of(pass, gradients.length, stretch.penaltyCount);
    const numbers = { ...scalars, ...stretch.scalars, mean: 1 / denominator };
    allFinite = kernel.run(vectors, numbers, from - start, to - start) && allFinite;
  }
  return allFinite;
}

/** Norm of the whole gradient, cut to the value. @throws LockstepError NUMERICS_NOT_FINITE */
function* normOf(rule: UpdateRule, input: UpdateInput): Generator<void, number> {
  const norm = new GlobalNorm();
  let allFinite = true;
  yield* gradientPieces(rule, input, 'cut', (gradient, _, pieceFinite) => {
    allFinite = pieceFinite && allFinite;
    norm.take(gradient);
  });
  if (!allFinite) yield* fail(rule, input);
  return norm.value;
}

/** Computes the gradient piece after piece. @param take must not keep it */
function gradientPieces(
  rule: UpdateRule,
  input: UpdateInput,
  pass: 'cut' | 'gradient',
  take: (gradient: Float32Array, start: number, allFinite: boolean) => void,
): Generator<void, void> {
  const { length } = input.parameters;
  const buffer = new Float32Array(Math.min(PIECE_ELEMENTS, length));
  return inPieces(length, (start, end) => {
    const gradient = buffer.subarray(0, end - start);
    take(gradient, start, runPiece(rule, input, { pass, start, end, scalars: {} }, gradient));
  });
}

/** @throws LockstepError NUMERICS_NOT_FINITE naming the first element of the gradient that is not finite */
function* fail(rule: UpdateRule, input: UpdateInput): Generator<void, never> {
  let found = { index: input.parameters.length, value: Number.NaN };
  yield* gradientPieces(rule, input, 'gradient', (gradient, start) => {
    const offset = gradient.findIndex((value) => !Number.isFinite(value));
    if (offset >= 0 && start < found.index) found = { index: start + offset, value: gradient[offset]! };
  });
  const describe = (name: string, value: number): string =>
    `The gradient of ${name} is ${value} in step ${input.step}.`;
  throw notFinite(found, rule.layout, describe, OVERFLOW_FIXES[rule.format.name]);
}

/** @throws LockstepError NUMERICS_NOT_FINITE when an element of the parameters after so many steps is not finite */
export function* checkParameters(
  parameters: Float32Array,
  layout: ParameterLayout,
  steps: number,
): Generator<void, void> {
  const index = yield* firstNotFinite(parameters);
  const value = parameters[index];
  if (value === undefined) return;
  throw notFinite({ index, value }, layout, (name) => `The value of ${name} is ${value} after ${steps} steps.`);
}

function notFinite(
  { index, value }: { readonly index: number; readonly value: number },
  layout: ParameterLayout,
  describe: (tensor: string, value: number) => string,
  fix: string | null = null,
): LockstepError {
  const tensor = layout.tensors.find(({ start, length }) => index >= start && index < start + length);
  return new LockstepError('NUMERICS_NOT_FINITE', {
    message: describe(tensor?.name ?? 'a parameter', value),
    field: tensor?.name ?? '',
    value: String(value),
    ...(fix === null ? {} : { fix }),
  });
}
