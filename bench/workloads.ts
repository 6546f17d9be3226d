/** What is trained: models, batches and synthetic data that is the same on every run. */
import { type ModelPlan, planModel } from '@lockstep/model';
import { parseJobSpec, type ResolvedJobSpec } from '@lockstep/spec';

/** Worker processes, each with one lane and one thread. */
export const WORKERS = 2;

/** How gradients and parameters travel, as the spec's `run.link` names it. */
export type Link = 'auto' | 'host' | 'network';
/** Number type in which gradients travel. */
export type Wire = 'float32' | 'bf16' | 'fp16';

export const LINKS: readonly Link[] = ['auto', 'host', 'network'];
export const WIRES: readonly Wire[] = ['float32', 'bf16', 'fp16'];

/** How a workload is run. */
export interface Way {
  readonly link: Link;
  readonly wire: Wire;
}

/** Bytes of one element of a gradient. */
export const WIRE_BYTES: Readonly<Record<Wire, number>> = { float32: 4, bf16: 2, fp16: 2 };

/** One workload. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly features: number;
  /** Units of each layer; all but the last are relu. */
  readonly units: readonly number[];
  readonly loss: 'binaryCrossEntropy' | 'sparseCategoricalCrossEntropy';
  readonly rowsPerWorker: number;
  /** Rows of the table, few where they have many columns, but many steps an epoch: each epoch ends with a checkpoint. */
  readonly tableRows: number;
  /** Parts of a global batch, one worker each. @default {@link WORKERS} */
  readonly lanes?: number;
  /** Steps before the first measured one: compilation of JavaScript, first touch of memory. */
  readonly warmUp: number;
  /** Measured steps. */
  readonly steps: number;
  readonly quickSteps: number;
}

/** Every workload by its name. */
export const WORKLOADS: Readonly<Record<string, Workload>> = {
  w1: {
    ...{ name: 'w1', title: 'MLP 30-64-64-1, binary cross-entropy', features: 30, units: [64, 64, 1] },
    ...{ loss: 'binaryCrossEntropy', rowsPerWorker: 32, tableRows: 4096 },
    ...{ warmUp: 500, steps: 3000, quickSteps: 500 },
  },
  w2: {
    ...{ name: 'w2', title: 'MLP 784-1024-1024-10, sparse cross-entropy', features: 784, units: [1024, 1024, 10] },
    ...{ loss: 'sparseCategoricalCrossEntropy', rowsPerWorker: 256, tableRows: 8192 },
    ...{ warmUp: 10, steps: 60, quickSteps: 10 },
  },
  w4: {
    ...{
      name: 'w4',
      title: 'MLP 1024-4096-4096-1024, sparse cross-entropy',
      features: 1024,
      units: [4096, 4096, 1024],
    },
    ...{ loss: 'sparseCategoricalCrossEntropy', rowsPerWorker: 64, tableRows: 2048 },
    ...{ warmUp: 4, steps: 20, quickSteps: 4 },
  },
};

/** What `train.gradients` calls a wire. */
const GRADIENTS: Readonly<Record<Wire, string>> = { float32: 'float32', bf16: 'bfloat16', fp16: 'float16' };

/** What a spec has that changes no step. */
export interface Extras {
  /** @default so many that the job goes on until it is stopped */
  readonly epochs?: number;
  /** Whether there is an event file for TensorBoard, with histograms after each epoch. @default true */
  readonly tensorboard?: boolean;
}

/** The job's spec as a user would write it. */
export function specOf(workload: Workload, { link, wire }: Way, workers = WORKERS, extras: Extras = {}): string {
  const { epochs = 1_000_000, tensorboard = true } = extras;
  const { name, units, loss, rowsPerWorker, lanes = WORKERS } = workload;
  const batchSize = rowsPerWorker * lanes;
  const output = classesOf(workload) === 2 ? 'sigmoid' : 'softmax';
  const layers = units.map((width, index) => {
    const activation = index === units.length - 1 ? output : 'relu';
    return `  - dense: { units: ${width}, activation: ${activation} }`;
  });
  return `name: bench-${name}
data: { path: data.csv, label: y }
split: { test: 0 }
preprocess: { scale: none }
model:
${layers.join('\n')}
train:
  loss: ${loss}
  optimizer: { type: sgd, learningRate: 0.01 }
  epochs: ${epochs}
  batchSize: ${batchSize}
  lanes: ${lanes}
  threadsPerLane: 1
  gradients: ${GRADIENTS[wire]}
run: { workers: ${workers}, device: cpu, link: ${link}, tensorboard: { enabled: ${tensorboard} } }
`;
}

/** Why a workload cannot be run in a way; null where it can. */
export function unavailable(workload: Workload, way: Way): string | null {
  const { spec, problems } = parseJobSpec(specOf(workload, way));
  return spec ? null : problems.map(({ message }) => message).join('; ');
}

/** A spec and its model, planned as the coordinator does it. */
export function planOf(workload: Workload): { spec: ResolvedJobSpec; plan: ModelPlan } {
  const { spec, problems } = parseJobSpec(specOf(workload, { link: 'auto', wire: 'float32' }));
  if (!spec) throw new Error(JSON.stringify(problems));
  const classes = classesOf(workload);
  const plan = planModel({
    ...{ layers: spec.model, loss: spec.train.loss },
    ...{ featureWidth: workload.features, outputWidth: classes === 2 ? 1 : classes },
  });
  return { spec, plan };
}

/** Parameters of the model. */
export function parameterCount(workload: Workload): number {
  return planOf(workload).plan.layout.tensors.reduce((sum, { length }) => sum + length, 0);
}

/** The lines of the table: numbers of three decimals between -1 and 1, and every class equally often. */
export function* csvLines(workload: Workload): Generator<string> {
  const { features, tableRows } = workload;
  yield `${[...Array.from({ length: features }, (_, column) => `x${column}`), 'y'].join(',')}\n`;
  for (let row = 0; row < tableRows; row++) {
    const cells = Array.from({ length: features }, (_, column) => featureOf(workload, row, column));
    yield `${[...cells, targetOf(workload, row)].join(',')}\n`;
  }
}

/** A feature of a row. */
export function featureOf({ features }: Workload, row: number, column: number): number {
  let bits = Math.imul(row * features + column + 1, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 15), 0x85ebca6b);
  return ((((bits ^ (bits >>> 13)) >>> 0) % 2001) - 1000) / 1000;
}

/** The class of a row. */
export function targetOf(workload: Workload, row: number): number {
  return row % classesOf(workload);
}

function classesOf({ units }: Workload): number {
  return Math.max(2, units.at(-1) ?? 0);
}
