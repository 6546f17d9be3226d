/** Fills in what follows from other parts of a spec. */
import { type GradientsSpec, gradientSchemas } from './gradients-schema.js';
import {
  type LayerSpec,
  type LossName,
  optimizerSchemas,
  type ParsedJobSpec,
  type ResolvedJobSpec,
  type Task,
} from './schema.js';

/** Lanes of a job that does not say how many. */
const DEFAULT_LANES = 4;

const TASKS: Readonly<Record<LossName, Task>> = {
  mse: 'regression',
  binaryCrossEntropy: 'binary',
  categoricalCrossEntropy: 'multiclass',
  sparseCategoricalCrossEntropy: 'multiclass',
};

/** The resolved spec. Lanes never follow the number of workers. */
export function resolveSpec(parsed: ParsedJobSpec): ResolvedJobSpec {
  const { train } = parsed;
  const task = TASKS[train.loss];
  const batch = train.batchSize === 'full' ? DEFAULT_LANES : train.batchSize;
  const optimizer =
    typeof train.optimizer === 'string'
      ? optimizerSchemas[train.optimizer].parse({ type: train.optimizer })
      : train.optimizer;
  return {
    ...parsed,
    model: parsed.model.map(layerOf),
    split: { ...parsed.split, stratify: parsed.split.stratify ?? stratifies(parsed.split, task) },
    train: {
      ...train,
      optimizer,
      gradients: gradientsOf(train.gradients),
      lanes: train.lanes ?? Math.min(DEFAULT_LANES, batch),
    },
    task,
  };
}

/** Batches that are added up, written as what they are: one larger batch with more lanes. */
export function withoutAccumulation(spec: ResolvedJobSpec): ResolvedJobSpec {
  const { accumulate, batchSize, lanes } = spec.train;
  const rows = batchSize === 'full' ? batchSize : batchSize * accumulate;
  return { ...spec, train: { ...spec.train, accumulate: 1, batchSize: rows, lanes: lanes * accumulate } };
}

/** The shortest form that says all. */
function gradientsOf(written: ParsedJobSpec['train']['gradients']): GradientsSpec {
  const settings = typeof written === 'string' ? gradientSchemas[written].parse({ type: written }) : written;
  return settings.type === 'topK' ? settings : settings.type;
}

/** Rows that stay together or in order cannot be drawn class by class. */
function stratifies({ groupBy, orderBy }: ParsedJobSpec['split'], task: Task): boolean {
  return task !== 'regression' && groupBy === undefined && orderBy === undefined;
}

function layerOf(written: ParsedJobSpec['model'][number]): LayerSpec {
  const [type, settings] = Object.entries(written)[0]!;
  return { type, ...(settings as object | null) } as LayerSpec;
}
