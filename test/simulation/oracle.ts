/** What a job must compute, found without workers, network or store: one loop over its steps. */
import { createHash } from 'node:crypto';
import { initializeParameters, planModel } from '@lockstep/model';
import {
  atOnce,
  batchRows,
  canonicalParameterBytes,
  cutLane,
  epochOrder,
  GRADIENT_FORMATS,
  type GradientFormat,
  type ParameterLayout,
  stepsPerEpoch,
} from '@lockstep/protocol/core';
import type { GradientsSpec } from '@lockstep/spec';
import type { OptimizerState } from '../../packages/coordinator/src/core/optimizers/optimizer.ts';
import { createOptimizer } from '../../packages/coordinator/src/core/optimizers/table.ts';
import { learningRateAt } from '../../packages/coordinator/src/core/schedules/table.ts';
import { plainOperand } from '../../packages/coordinator/src/core/testing/rounding.ts';
import { update, updateRule } from '../../packages/coordinator/src/core/update.ts';
import { FEATURES, linear, type Rows, TENSORS, type Workload, workload } from './workload.ts';

/** Sums of rows, as they travel with a gradient. */
export interface Sums {
  readonly denominator: number;
  readonly loss: number;
  readonly metric: number;
  readonly rows: number;
}

/** Sum over a node of the tree of lanes. */
export interface NodeSum {
  readonly gradient: Float32Array;
  readonly sums: Sums;
}

/** The job between two steps. */
export interface Moment {
  readonly parameters: Float32Array;
  readonly optimizer: OptimizerState;
  /** Of the epoch in progress. */
  readonly sums: { readonly denominator: number; readonly loss: number; readonly metric: number };
  /** Of each lane, where lanes have them. */
  readonly residuals: readonly Float32Array[];
}

const ROWS_PER_CHUNK = 256;
const LEAST_NORMAL = 2 ** -126;

/** The one right course of a workload. */
export class Oracle {
  readonly workload: Workload;
  readonly perEpoch: number;
  readonly totalSteps: number;
  readonly layout: ParameterLayout;
  /** Before each step, and after the last. */
  readonly moments: Moment[] = [];
  readonly losses: number[] = [];
  /** Metrics of each epoch. */
  readonly epochs: Readonly<Record<string, number>>[] = [];
  readonly parametersSha256: string;
  readonly #nodes = new Map<string, NodeSum | null>();
  readonly #batchSize: number;
  /** Of each lane, after the last step that was computed. */
  readonly #residuals: Float32Array[];

  constructor(workload: Workload) {
    const { train: options, model } = workload.spec;
    const { count } = workload.train;
    const plan = planModel({ layers: model, loss: options.loss, featureWidth: FEATURES, outputWidth: 1 });
    const names = plan.layout.tensors.map(({ name }) => name).join();
    if (names !== TENSORS.join()) throw new Error(`the simulated model has the tensors ${names}`);
    this.workload = workload;
    this.layout = plan.layout;
    this.#residuals = Array.from({ length: options.lanes }, () => new Float32Array(plan.layout.elementCount));
    this.#batchSize = options.batchSize === 'full' ? count : Math.min(options.batchSize, count);
    this.perEpoch = stepsPerEpoch(count, this.#batchSize);
    this.totalSteps = this.perEpoch * options.epochs;
    let parameters = initializeParameters(plan, options.seed);
    const optimizer = createOptimizer(options.optimizer, plan.layout.elementCount);
    let sums = { denominator: 0, loss: 0, metric: 0 };
    for (let step = 0; step <= this.totalSteps; step++) {
      const residuals = isEncoded(options.gradients) ? [...this.#residuals] : [];
      this.moments.push({ parameters, optimizer: copyOf(optimizer.state()), sums, residuals });
      if (step > 0 && step % this.perEpoch === 0) {
        this.epochs.push(this.#epochMetrics(sums, parameters));
        sums = { denominator: 0, loss: 0, metric: 0 };
      }
      if (step === this.totalSteps) break;
      const total = this.node(step, 0, options.lanes) as NodeSum;
      this.losses.push(total.sums.loss / total.sums.denominator);
      sums = {
        denominator: sums.denominator + total.sums.denominator,
        loss: sums.loss + total.sums.loss,
        metric: sums.metric + total.sums.metric,
      };
      const mean = total.gradient.map((value) => rounded(value * Math.fround(1 / total.sums.denominator)));
      const next = new Float32Array(parameters.length);
      const { schedule, optimizer: rule } = options;
      const rate = learningRateAt(schedule, rule.learningRate, step, this.totalSteps);
      const plain = updateRule({
        layout: plan.layout,
        regularizers: [],
        clip: {},
        optimizer,
        format: GRADIENT_FORMATS.float32,
      });
      const input = { parameters, gradients: [mean], denominator: 1, learningRate: rate, step, next };
      atOnce(update(plain, input));
      parameters = next;
    }
    const hash = createHash('sha256');
    for (const bytes of canonicalParameterBytes(parameters, plan.layout)) hash.update(bytes);
    this.parametersSha256 = hash.digest('hex');
  }

  /** Sum over lanes first to end - 1 of a step; null where they have no rows. */
  node(step: number, first: number, end: number): NodeSum | null {
    const key = `${step}/${first}/${end}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const found = end - first === 1 ? this.#lane(step, first) : this.#pair(step, first, end);
    this.#nodes.set(key, found);
    return found;
  }

  #pair(step: number, first: number, end: number): NodeSum | null {
    const middle = first + 2 ** Math.floor(Math.log2(end - first - 1));
    const left = this.node(step, first, middle);
    const right = this.node(step, middle, end);
    if (!left || !right) return left ?? right;
    const { gradients } = this.workload.spec.train;
    const format = isEncoded(gradients) ? 'float32' : gradients;
    const operand = (value: number): number => plainOperand(value, format);
    return {
      gradient: left.gradient.map((value, index) => rounded(operand(value) + operand(right.gradient[index] as number))),
      sums: {
        denominator: left.sums.denominator + right.sums.denominator,
        loss: left.sums.loss + right.sums.loss,
        metric: left.sums.metric + right.sums.metric,
        rows: left.sums.rows + right.sums.rows,
      },
    };
  }

  #lane(step: number, lane: number): NodeSum | null {
    const { train, spec } = this.workload;
    const epoch = Math.floor(step / this.perEpoch);
    const order = epochOrder({ seed: spec.train.seed, epoch, rowCount: train.count });
    const batch = batchRows(order, step % this.perEpoch, this.#batchSize);
    const { start, end } = cutLane(lane, spec.train.lanes, batch.length);
    if (start >= end) return null;
    const rows = chosen(train, [...batch.subarray(start, end)]);
    const { parameters } = this.moments[step] as Moment;
    const result = this.#linear(parameters, rows);
    const gradient = new Float32Array(this.layout.elementCount);
    const [kernel, bias] = this.layout.tensors;
    gradient.set(result.kernelGradient.map(rounded), kernel?.start);
    gradient.set([rounded(result.biasGradient)], bias?.start);
    return { gradient: this.#sent(lane, gradient), sums: sumsOf(rows, result) };
  }

  /** What a lane sends of its gradient; the rest is added to its next one. Steps come in order, each once. */
  #sent(lane: number, gradient: Float32Array): Float32Array {
    const { gradients } = this.workload.spec.train;
    if (!isEncoded(gradients)) return gradient;
    const residual = this.#residuals[lane] as Float32Array;
    const total = gradient.map((value, index) => value + (residual[index] as number));
    const sent = gradients === 'int8' ? plainInt8(total) : plainTopK(total, gradients.fraction);
    this.#residuals[lane] = total.map((value, index) => value - (sent[index] as number));
    return sent;
  }

  #linear(parameters: Float32Array, rows: Rows) {
    const [kernel, bias] = this.layout.tensors.map(({ start, length }) => parameters.subarray(start, start + length));
    return linear({ kernel: kernel as Float32Array, bias: bias?.[0] as number }, rows);
  }

  #epochMetrics(sums: Moment['sums'], parameters: Float32Array): Record<string, number> {
    const metrics = { loss: sums.loss / sums.denominator, mae: sums.metric / sums.denominator };
    const { validation } = this.workload;
    if (validation.count === 0) return metrics;
    let [weight, loss, metric] = [0, 0, 0];
    for (let first = 0; first < validation.count; first += ROWS_PER_CHUNK) {
      const end = Math.min(validation.count, first + ROWS_PER_CHUNK);
      const rows = chosen(
        validation,
        Array.from({ length: end - first }, (_, index) => first + index),
      );
      const chunk = sumsOf(rows, this.#linear(parameters, rows));
      weight += chunk.denominator;
      loss += chunk.loss;
      metric += chunk.metric;
    }
    return { ...metrics, validation_loss: loss / weight, validation_mae: metric / weight };
  }
}

const oracles = new Map<number, Oracle>();

/** What a workload must compute; found once. */
export function oracleOf(index: number): Oracle {
  let oracle = oracles.get(index);
  if (!oracle) {
    oracle = new Oracle(workload(index));
    oracles.set(index, oracle);
  }
  return oracle;
}

function chosen(rows: Rows, which: readonly number[]): Rows {
  const features = new Float32Array(which.length * FEATURES);
  which.forEach((row, at) => {
    features.set(rows.features.subarray(row * FEATURES, (row + 1) * FEATURES), at * FEATURES);
  });
  return { count: which.length, features, target: Float32Array.from(which, (row) => rows.target[row] as number) };
}

function sumsOf({ count, target }: Rows, { rowLoss, scores }: { rowLoss: Float32Array; scores: Float32Array }): Sums {
  let [loss, metric] = [0, 0];
  for (let row = 0; row < count; row++) {
    loss += rowLoss[row] as number;
    metric += Math.abs((scores[row] as number) - (target[row] as number));
  }
  return { denominator: count, loss, metric, rows: count };
}

/** Whether lanes have residuals. */
export function isEncoded(gradients: GradientsSpec): gradients is Exclude<GradientsSpec, GradientFormat['name']> {
  return gradients === 'int8' || typeof gradients !== 'string';
}

/** Vectors here are shorter than a block: one scale, 2^6 below the power of two of the largest element. */
function plainInt8(total: Float32Array): Float32Array {
  const largest = Math.max(...total.map(Math.abs));
  const scale = Math.max(2 ** (Math.floor(Math.log2(largest)) - 6), LEAST_NORMAL);
  return total.map((value) => {
    const count = Math.abs(value) / scale;
    const whole = Math.floor(count);
    const isUp = count - whole > 0.5 || (count - whole === 0.5 && whole % 2 === 1);
    const size = Math.min(127, whole + (isUp ? 1 : 0)) * scale;
    return value < 0 && size > 0 ? -size : size;
  });
}

function plainTopK(total: Float32Array, fraction: number): Float32Array {
  const sizes = [...total.keys()].sort((a, b) => Math.abs(total[b] as number) - Math.abs(total[a] as number) || a - b);
  const kept = new Set(sizes.slice(0, Math.ceil(total.length * fraction)));
  return total.map((value, index) => (kept.has(index) ? value : 0));
}

/** Float32 without subnormals. */
function rounded(value: number): number {
  const single = Math.fround(value);
  return Math.abs(single) < LEAST_NORMAL ? 0 : single;
}

function copyOf({ vectors, numbers }: OptimizerState): OptimizerState {
  return {
    vectors: Object.fromEntries(Object.entries(vectors).map(([name, vector]) => [name, vector.slice()])),
    numbers: { ...numbers },
  };
}
