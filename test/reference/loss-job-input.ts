/**
 * The jobs whose loss per step is held to Keras, and what Keras is given of them: prepared rows, initial parameters and
 * global batches, all from the packages' own pure functions; no losses, no gradients.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type PreparedData, runPreparation } from '@lockstep/data';
import { initializeParameters, planModel } from '@lockstep/model';
import { batchRows, decodeShard, epochOrder, stepsPerEpoch, tensorView } from '@lockstep/protocol/core';
import {
  type LayerSpec,
  type LossName,
  type OptimizerSpec,
  parseJobSpec,
  type ResolvedJobSpec,
  type ScheduleSpec,
} from '@lockstep/spec';
import { ROOT } from '../support/lockstep.ts';

/** One job: a spec of the repository and what is replaced in it. */
export interface LossJob {
  readonly name: string;
  readonly spec: string;
  readonly overrides: Readonly<Record<string, string>>;
}

/** The jobs. */
export const LOSS_JOBS: readonly LossJob[] = [
  { name: 'breast-cancer', spec: join(ROOT, 'examples/breast-cancer/job.yaml'), overrides: {} },
  {
    name: 'wine, sparse, momentum',
    spec: join(ROOT, 'examples/wine/job.yaml'),
    overrides: {
      'train.loss': 'sparseCategoricalCrossEntropy',
      'train.optimizer': '{ type: sgd, learningRate: 0.05, momentum: 0.9 }',
      'train.epochs': '5',
    },
  },
  {
    name: 'diabetes, L2, cosine',
    spec: join(ROOT, 'examples/diabetes/job.yaml'),
    overrides: { 'train.epochs': '5', 'model.0.dense.kernelRegularizer': '{ l2: 1.5 }' },
  },
  {
    name: 'wine, rows weighed by a column',
    spec: join(ROOT, 'examples/wine/job.yaml'),
    overrides: { 'train.loss': 'sparseCategoricalCrossEntropy', 'data.weight': 'flavanoids', 'train.epochs': '3' },
  },
  {
    name: 'breast-cancer, balanced classes',
    spec: join(ROOT, 'examples/breast-cancer/job.yaml'),
    overrides: { 'train.classWeights': 'balanced', 'train.epochs': '2' },
  },
];

/** What Keras needs of one job. */
export interface LossJobInput {
  readonly layers: readonly LayerSpec[];
  readonly loss: LossName;
  readonly optimizer: OptimizerSpec;
  /** A cosine has its `decaySteps` filled in. */
  readonly schedule: ScheduleSpec;
  /** In layer order, kernel then bias. */
  readonly parameters: readonly { readonly name: string; readonly values: readonly number[] }[];
  readonly features: readonly (readonly number[])[];
  readonly targets: readonly number[];
  /** Weight of each row, where a column weighs them: `sample_weight`. */
  readonly weights?: readonly number[];
  /** Weight of each class, where the spec weighs them: `class_weight`. */
  readonly classWeights?: readonly number[];
  /** Rows of each step. */
  readonly batches: readonly (readonly number[])[];
}

/** The part of a job that Keras is given. `scratch` is an empty folder for prepared data. */
export async function lossJobInput(job: LossJob, scratch: string): Promise<LossJobInput> {
  const spec = specOf(job);
  const source = join(dirname(job.spec), spec.data.path);
  const outDirectory = join(scratch, 'prepared');
  const data = await runPreparation({
    files: [{ path: source, name: basename(source) }],
    fileName: basename(source),
    spec,
    outDirectory,
  });
  const { layers, loss } = { layers: spec.model, loss: spec.train.loss };
  const plan = planModel({ layers, loss, featureWidth: data.featureWidth, outputWidth: data.outputWidth });
  const flat = initializeParameters(plan, spec.train.seed);
  const { features, targets, weights } = await trainingRows(data);
  const batches = batchesOf(spec, data.rows.train);
  return {
    ...{ layers, loss, optimizer: spec.train.optimizer, schedule: scheduleOf(spec, batches.length) },
    parameters: plan.layout.tensors.map((tensor) => ({
      name: tensor.name,
      values: Array.from(tensorView(flat, tensor)),
    })),
    ...{ features, targets, batches },
    ...weighing(spec, data, weights),
  };
}

/** Keras takes one of the two. */
function weighing({ data }: ResolvedJobSpec, { classWeights }: PreparedData, weights: readonly number[]) {
  if (data.weight !== undefined && classWeights) throw new Error('Keras takes no class weights beside those of rows');
  if (classWeights) return { classWeights };
  return data.weight === undefined ? {} : { weights };
}

function specOf({ spec: path, overrides }: LossJob): ResolvedJobSpec {
  const { spec, problems } = parseJobSpec(readFileSync(path, 'utf8'), { overrides });
  if (!spec) throw new Error(`${path}: ${JSON.stringify(problems)}`);
  return spec;
}

function scheduleOf({ train }: ResolvedJobSpec, steps: number): ScheduleSpec {
  const { schedule } = train;
  return schedule.type === 'cosine' ? { decaySteps: steps - schedule.warmupSteps, ...schedule } : schedule;
}

function batchesOf({ train }: ResolvedJobSpec, rowCount: number): number[][] {
  const batchSize = train.batchSize === 'full' ? rowCount : Math.min(train.batchSize, rowCount);
  const perEpoch = stepsPerEpoch(rowCount, batchSize);
  return Array.from({ length: train.epochs }, (_, epoch) => {
    const order = epochOrder({ seed: train.seed, epoch, rowCount });
    return Array.from({ length: perEpoch }, (_, step) => Array.from(batchRows(order, step, batchSize)));
  }).flat();
}

interface TrainingRows {
  readonly features: number[][];
  readonly targets: number[];
  readonly weights: number[];
}

async function trainingRows(data: PreparedData): Promise<TrainingRows> {
  const rows: TrainingRows = { features: [], targets: [], weights: [] };
  for (const { path } of data.shards.train) {
    const { columns, rowCount } = decodeShard(await readFile(path), (bytes) => crc32(bytes));
    const [x, y, weight] = ['features', 'target', 'weight'].map((name) => {
      const column = columns.find((candidate) => candidate.name === name);
      if (column?.type !== 'float32') throw new Error(`no column ${name}`);
      return column.data;
    }) as [Float32Array, Float32Array, Float32Array];
    rows.targets.push(...y);
    rows.weights.push(...weight);
    const width = data.featureWidth;
    for (let row = 0; row < rowCount; row++) rows.features.push(Array.from(x.subarray(row * width, (row + 1) * width)));
  }
  return rows;
}
