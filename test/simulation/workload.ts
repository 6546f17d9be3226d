/** Small jobs whose every bit is known: spec, rows, shards, and the arithmetic that stands for an engine. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { PreparedData, ShardFile } from '@lockstep/data';
import type { Engine, EngineSession, EngineTensor } from '@lockstep/engine';
import { encodeShard } from '@lockstep/protocol/core';
import { parseJobSpec, type ResolvedJobSpec } from '@lockstep/spec';
import { Draws } from './world/draws.ts';
import { theWorld } from './world/kernel.ts';

/** A job to simulate. */
export interface Workload {
  readonly index: number;
  readonly yaml: string;
  readonly spec: ResolvedJobSpec;
  readonly train: Rows;
  readonly validation: Rows;
}

/** Rows of one split. */
export interface Rows {
  readonly count: number;
  /** Row-major [count, FEATURES]. */
  readonly features: Float32Array;
  readonly target: Float32Array;
}

/** Features of a row. */
export const FEATURES = 3;
/** Class of every simulated engine. */
export const NUMERIC_CLASS = 'simulated/golden=1';
/** Class of an engine that computes other bits. */
export const STRANGE_CLASS = 'simulated/golden=2';
/** Workloads that seeds choose from. */
export const WORKLOADS = 8;
const LEAST_ROWS_PER_SHARD = 13;
/** Of those beyond {@link WORKLOADS}: the same jobs, with lanes that are encoded. */
const CODECS = ['int8', '{type: topK, fraction: 0.05}'];
const GRADIENTS = ['float32', 'bfloat16', 'float32', 'float32', 'float16'];
const OPTIMIZERS = [
  '{type: adam, learningRate: 0.05}',
  '{type: sgd, learningRate: 0.5, momentum: 0.9}',
  '{type: adam, learningRate: 0.01}',
  '{type: sgd, learningRate: 0.6, momentum: 0.8}',
];

/** The workload of a number. */
export function workload(index: number): Workload {
  const draws = new Draws(index % WORKLOADS, 'workload');
  const optimizer = OPTIMIZERS[index % OPTIMIZERS.length];
  const gradients = index < WORKLOADS ? GRADIENTS[index % GRADIENTS.length] : CODECS[(index >> 1) % CODECS.length];
  const rows = draws.whole(22, 41);
  // Three chunks: the sum of two is the same in any order.
  const validation = draws.pick([0, 2050]);
  const yaml = `
name: simulated
data: {path: data.csv, label: y}
split: {test: 0, validation: ${validation > 0 ? 0.5 : 0}}
model:
  - dense: {units: 1}
train:
  loss: mse
  optimizer: ${optimizer}
  gradients: ${gradients}
  schedule: {type: ${draws.pick(['constant', 'cosine'])}}
  epochs: ${draws.whole(2, 4)}
  batchSize: ${draws.whole(8, 12)}
  seed: ${draws.whole(1, 1000)}
  lanes: ${draws.whole(3, 8)}
run:
  workers: ${draws.pick([1, 1, 2, 3, 4])}
  link: ${index % 2 === 0 ? 'network' : 'host'}
  checkpoints: {everySeconds: ${draws.pick([0, 0.2, 0.6])}, keep: ${draws.whole(2, 3)}}
`;
  const { spec, problems } = parseJobSpec(yaml);
  if (!spec) throw new Error(`the simulated spec is wrong: ${JSON.stringify(problems)}`);
  return { index, yaml, spec, train: makeRows(draws, rows), validation: makeRows(draws, validation) };
}

function makeRows(draws: Draws, count: number): Rows {
  const features = Float32Array.from({ length: count * FEATURES }, () => draws.between(-1, 1));
  const target = Float32Array.from({ length: count }, (_, row) => {
    const [a, b, c] = features.subarray(row * FEATURES, (row + 1) * FEATURES) as unknown as [number, number, number];
    return 0.5 * a - 1.5 * b + c + draws.between(-0.1, 0.1);
  });
  return { count, features, target };
}

/** Shards as preparation leaves them. @param write puts a file into the store */
export function prepared(
  { spec, train, validation, index }: Workload,
  folder: string,
  write: (path: string, bytes: Uint8Array) => void,
): PreparedData {
  const shards = (split: string, rows: Rows): ShardFile[] => {
    const files: ShardFile[] = [];
    const rowsPerShard = Math.max(LEAST_ROWS_PER_SHARD, Math.ceil(rows.count / 3));
    for (let first = 0; first < rows.count; first += rowsPerShard) {
      const end = Math.min(rows.count, first + rowsPerShard);
      const name = `${split}-${files.length}.shard`;
      const bytes = encodeShard({ rowCount: end - first, columns: columns(rows, first, end) }, crc32);
      const path = `${folder}/${name}`;
      write(path, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      files.push({ name, path, firstRow: first, rowCount: end - first, bytes: bytes.length, sha256 });
    }
    return files;
  };
  const names = ['a', 'b', 'c'];
  return {
    task: spec.task,
    labels: null,
    featureNames: names,
    featureWidth: FEATURES,
    outputWidth: 1,
    rows: { train: train.count, validation: validation.count, test: 0, dropped: 0 },
    shards: {
      train: shards('train', train),
      validation: shards('validation', validation),
      testPrepared: [],
      testRaw: [],
    },
    classWeights: null,
    preprocessing: {
      columns: names.map((name) => ({
        name,
        type: 'number' as const,
        format: { type: 'number', decimal: '.', thousands: '' } as const,
        fill: 0,
        center: 0,
        scale: 1,
      })),
      label: 'y',
      labels: { trim: true, foldCase: false, onUnusable: 'fail' as const },
      nulls: [''],
      numbers: { decimal: '.', thousands: '' },
    },
    fingerprint: `workload ${index}`,
    rejects: null,
    warnings: [],
  };
}

function columns({ features, target }: Rows, first: number, end: number) {
  const float32 = (name: string, width: number, data: Float32Array) => ({
    name,
    type: 'float32' as const,
    width,
    data,
  });
  return [
    float32('features', FEATURES, features.slice(first * FEATURES, end * FEATURES)),
    float32('target', 1, target.slice(first, end)),
    float32('weight', 1, new Float32Array(end - first).fill(1)),
  ];
}

/** A linear model's rows: scores, losses, and the sum of their gradients, every operation in float32. */
export function linear(
  { kernel, bias }: { readonly kernel: Float32Array; readonly bias: number },
  rows: { readonly count: number; readonly features: Float32Array; readonly target: Float32Array },
) {
  const { fround } = Math;
  const scores = new Float32Array(rows.count);
  const rowLoss = new Float32Array(rows.count);
  const kernelGradient = new Float32Array(FEATURES);
  let biasGradient = 0;
  for (let row = 0; row < rows.count; row++) {
    let score = bias;
    for (let at = 0; at < FEATURES; at++) {
      score = fround(score + fround((kernel[at] as number) * (rows.features[row * FEATURES + at] as number)));
    }
    const error = fround(score - (rows.target[row] as number));
    scores[row] = score;
    rowLoss[row] = fround(error * error);
    const slope = fround(2 * error);
    for (let at = 0; at < FEATURES; at++) {
      const term = fround(slope * (rows.features[row * FEATURES + at] as number));
      kernelGradient[at] = fround((kernelGradient[at] as number) + term);
    }
    biasGradient = fround(biasGradient + slope);
  }
  return { scores, rowLoss, kernelGradient, biasGradient };
}

/** What one engine does besides computing. */
export interface EngineBehaviour {
  /** Milliseconds of one run. */
  runMs(): number;
  /** Target of a row that it cannot compute; null where it can compute all. */
  readonly poison: number | null;
  /** Whether its gradients have other bits. */
  readonly isStrange: boolean;
  /** Happens when it meets that row. */
  meetPoison(): Promise<never>;
}

/** An engine that computes {@link linear} after simulated time, from what its memory holds then. */
export function simulatedEngine(behaviour: EngineBehaviour): Engine {
  const session: EngineSession = {
    inputs: ['features', 'target', ...TENSORS].map((name) => ({ name, type: 'float32', shape: [-1] })),
    outputs: [],
    run: async (feeds, fetches) => {
      await theWorld().sleep(behaviour.runMs(), 'engine');
      const [kernel, bias] = TENSORS.map((name) => floats(feeds[name])) as [Float32Array, Float32Array];
      const target = floats(feeds.target);
      if (behaviour.poison !== null && fetches['gradient/0_dense/bias'] && target.includes(behaviour.poison))
        await behaviour.meetPoison();
      const rows = { count: target.length, features: floats(feeds.features), target };
      const result = linear({ kernel, bias: bias[0] as number }, rows);
      floats(fetches.rowLoss).set(result.rowLoss);
      floats(fetches.scores).set(result.scores);
      if (fetches.probabilities) floats(fetches.probabilities).set(result.scores);
      const [kernelGradient, biasGradient] = TENSORS.map((name) => fetches[`gradient/${name}`]);
      if (kernelGradient) floats(kernelGradient).set(result.kernelGradient);
      if (biasGradient) floats(biasGradient).set([behaviour.isStrange ? result.biasGradient + 1 : result.biasGradient]);
      return {};
    },
    release: async () => {},
  };
  return {
    description: { name: 'simulated', version: '1', provider: 'cpu', adapter: 'binding', optimisation: 'all' },
    createSession: async () => session,
    allocate: ((_type: string, count: number) => new Float32Array(count)) as Engine['allocate'],
    close: async () => {},
  };
}

/** Names of the kernel and the bias of the one layer. */
export const TENSORS = ['0_dense/kernel', '0_dense/bias'] as const;

function floats(tensor: EngineTensor | null | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('the simulated engine lacks a tensor');
  return tensor.data;
}
