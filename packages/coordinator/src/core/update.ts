/**
 * File 5 of one step: mean, regularisers, non-finite check, clipping, optimizer: version v becomes v + 1. The caller
 * publishes it, and every worker awaits it in worker/compute-lane.ts; the step itself began in coordinator/run-step.ts.
 */
import { type GradientFormat, inPieces, LockstepError, type ParameterLayout } from '@lockstep/protocol/core';
import { type ClipOptions, NORM_BLOCK_ELEMENTS, normOf, shrinkOf } from './clip.js';
import { firstNotFinite } from './non-finite.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { type RegularizerTerm, type Stretch, stretchesOf } from './penalties.js';
import { type Pass, UpdateKernels } from './update-kernels.js';
import { PART_ELEMENTS, PassRunner, type PassTask } from './update-pass.js';

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
  readonly runner: PassRunner;
}

/** Prepares the updates of a job. @throws Error on a penalty on a tensor that does not exist */
export function updateRule(options: UpdateOptions): UpdateRule {
  const stretches = stretchesOf(options.layout, options.regularizers);
  return {
    ...options,
    stretches,
    runner: new PassRunner(stretches, new UpdateKernels(options.clip, options.optimizer, options.format)),
  };
}

/** One update. */
export interface UpdateInput {
  /** Version v, left as it is. */
  readonly parameters: Float32Array;
  /** The operands of the last addition of the tree, one or two. Their sum is that over all lanes. */
  readonly gradients: readonly Float32Array[];
  /** Sum of the sample weights, D. */
  readonly denominator: number;
  readonly learningRate: number;
  readonly step: number;
  /** Receives version v + 1; may be one of the gradients, and takes its place then. The others are left as they are. */
  readonly next: Float32Array;
}

/**
 * Writes version v + 1: last addition, x fround(1/D), + L1 and L2 terms, check, clip, optimizer, in this order for each
 * element, in pieces.
 * @throws LockstepError NUMERICS_NOT_FINITE naming step and tensor; the optimizer is untouched then, `next` is not
 */
export function* update(rule: UpdateRule, input: UpdateInput): Generator<void, void> {
  const passes = passesOf(rule, input);
  let asked = passes.next(null);
  while (!asked.done) asked = passes.next(yield* runInPieces(rule, asked.value));
}

/**
 * The passes of an update, one after another: one run over memory. Only what an element alone can not tell takes a pass
 * before: the norm of the whole gradient, and that it is finite, where the optimizer has a state to lose or the version
 * takes a gradient's place. Each is answered with {@link PassAnswer}. @throws as {@link update}
 */
export function* passesOf(rule: UpdateRule, input: UpdateInput): Generator<PassTask, void, PassAnswer> {
  const { clip, optimizer } = rule;
  const { parameters, next, gradients, denominator } = input;
  const state = optimizer.state().vectors;
  const losesSomething = Object.keys(state).length > 0 || gradients.includes(next);
  const vectors: Record<string, Float32Array> = { parameters, next };
  gradients.forEach((vector, index) => {
    vectors[`gradient${index}`] = vector;
  });
  Object.assign(vectors, state);
  const operandCount = gradients.length;
  const scalars: Record<string, number> = { mean: 1 / denominator, shrink: 1 };
  const task = (pass: Pass, isRepeatable: boolean, squares: Float64Array | null = null): PassTask => {
    return { pass, vectors, operandCount, scalars, squares, isRepeatable };
  };
  const check = (faultAt: PassAnswer): void => {
    if (faultAt !== null) fail(rule, task('gradient', true), faultAt, input.step);
  };
  if (clip.globalNorm !== undefined) {
    const squares = new Float64Array(Math.ceil(parameters.length / NORM_BLOCK_ELEMENTS));
    check(yield task('cut', true, squares));
    scalars.shrink = shrinkOf(normOf(squares), clip.globalNorm);
  } else if (losesSomething) check(yield task('check', true));
  Object.assign(scalars, optimizer.begin(input.learningRate));
  const isChecked = losesSomething || clip.globalNorm !== undefined;
  check(yield task(isChecked ? 'step' : 'checkedStep', !losesSomething));
}

/** Where the first part begins whose gradient is not finite; null where there is none, or the pass does not look. */
export type PassAnswer = number | null;

/** Runs a pass on this thread. */
function* runInPieces({ runner }: UpdateRule, task: PassTask): Generator<void, PassAnswer> {
  let faultAt: PassAnswer = null;
  yield* inPieces(lengthOf(task), (start, end) => {
    if (!runner.run(task, start, end)) faultAt ??= start;
  });
  return faultAt;
}

/** Elements of a pass. */
export function lengthOf({ vectors }: PassTask): number {
  return vectors.parameters?.length ?? 0;
}

/** @throws LockstepError NUMERICS_NOT_FINITE naming the first element of the gradient that is not finite */
function fail({ runner, layout, format }: UpdateRule, task: PassTask, faultAt: number, step: number): never {
  const length = lengthOf(task);
  let found = { index: length, value: Number.NaN };
  for (let start = faultAt; start < length && found.index === length; start += PART_ELEMENTS) {
    const gradient = runner.gradient(task, start, Math.min(length, start + PART_ELEMENTS));
    const offset = gradient.findIndex((value) => !Number.isFinite(value));
    if (offset >= 0) found = { index: start + offset, value: gradient[offset]! };
  }
  const describe = (name: string, value: number): string => `The gradient of ${name} is ${value} in step ${step}.`;
  throw notFinite(found, layout, describe, OVERFLOW_FIXES[format.name]);
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
