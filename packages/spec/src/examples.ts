/** An example for every key of the spec that has no default to show. */
import { specLine } from './spec-line.js';

const EXAMPLES: Readonly<Record<string, unknown>> = {
  data: { path: 'data.csv', label: 'churned' },
  'data.path': 'data.csv',
  'data.label': 'churned',
  'data.delimiter': ';',
  'data.ignore': ['customer_id'],
  'data.labels': { foldCase: true, positive: 'yes' },
  'data.labels.positive': 'yes',
  'data.weight': 'weight',
  'data.types': { zip: 'text' },
  'data.dateFormats': { sold: 'dd.MM.yyyy' },
  'data.timeZone': 'Europe/Berlin',
  'data.decimal': ',',
  'data.thousands': '.',
  name: 'churn',
  split: { test: 0.2, validation: 0.1 },
  'split.stratify': true,
  'split.groupBy': 'customer_id',
  'split.orderBy': 'sold_at',
  'split.validation': 0.1,
  preprocess: { missing: 'median', scale: 'standard' },
  'preprocess.columns': { age: { missing: 'median', scale: 'minMax' }, plan: { encode: 'ordinal' } },
  'preprocess.columns.<column>.fill': 0,
  'preprocess.columns.<column>.missing': 'median',
  'preprocess.outliers': { method: 'iqr', action: 'clip' },
  'preprocess.outliers.method': 'iqr',
  'preprocess.outliers.threshold': 3,
  'preprocess.minFrequency': 0.01,
  'preprocess.columns.<column>.scale': 'minMax',
  'preprocess.columns.<column>.dateParts': ['timestamp', 'dayOfWeek', 'hour'],
  'preprocess.columns.<column>.indicator': true,
  'preprocess.columns.<column>.minFrequency': 10,
  'preprocess.columns.<column>.outliers': { method: 'zScore', threshold: 4, action: 'drop' },
  'preprocess.columns.<column>.outliers.method': 'zScore',
  'preprocess.columns.<column>.outliers.threshold': 4,
  'preprocess.columns.<column>.encode': 'ordinal',
  'preprocess.columns.<column>.unknown': 'other',
  model: [{ dense: { units: 64, activation: 'relu' } }, { dropout: { rate: 0.2 } }, { dense: { units: 1 } }],
  'model.dense': { units: 64, activation: 'relu' },
  'model.dense.units': 64,
  'model.dense.activation': 'relu',
  'model.dense.kernelRegularizer': { l2: 0.001 },
  'model.dense.biasRegularizer': { l2: 0.001 },
  'model.dropout': { rate: 0.2 },
  'model.dropout.rate': 0.2,
  train: { loss: 'binaryCrossEntropy', optimizer: 'adam', epochs: 10, batchSize: 32 },
  'train.loss': 'binaryCrossEntropy',
  'train.optimizer': { type: 'adam', learningRate: 0.001 },
  'train.schedule': { type: 'cosine', warmupSteps: 100 },
  'train.gradients': 'bfloat16',
  'train.gradients.float32': 'float32',
  'train.gradients.bfloat16': 'bfloat16',
  'train.gradients.float16': 'float16',
  'train.gradients.int8': 'int8',
  'train.gradients.topK': { type: 'topK', fraction: 0.01 },
  'train.clip': { globalNorm: 1 },
  'train.clip.value': 0.5,
  'train.clip.globalNorm': 1,
  'train.lanes': 8,
  'train.classWeights': 'balanced',
  'train.earlyStopping': { patience: 5, restoreBestWeights: true },
  'run.maxWorkers': 4,
  'train.optimizer.sgd': { type: 'sgd', learningRate: 0.01, momentum: 0.9 },
  'train.optimizer.adam': { type: 'adam', learningRate: 0.001 },
  'train.optimizer.adamw': { type: 'adamw', weightDecay: 0.004 },
  'train.optimizer.rmsprop': { type: 'rmsprop', rho: 0.9 },
  'train.schedule.constant': { type: 'constant', warmupSteps: 100 },
  'train.schedule.step': { type: 'step', everySteps: 1000, factor: 0.5 },
  'train.schedule.step.everySteps': 1000,
  'train.schedule.step.factor': 0.5,
  'train.schedule.exponential': { type: 'exponential', decaySteps: 1000, decayRate: 0.9 },
  'train.schedule.exponential.decaySteps': 1000,
  'train.schedule.exponential.decayRate': 0.9,
  'train.schedule.cosine': { type: 'cosine', warmupSteps: 100 },
  'train.schedule.cosine.decaySteps': 10_000,
  run: { workers: 4 },
  'run.queueTimeoutSeconds': 600,
  'run.deadlineSeconds': 7200,
};

/** Stands in paths for the name of any column. */
export const ANY_COLUMN = '<column>';
/** Column whose settings an example shows. */
const COLUMN = 'age';

/** One line of YAML with the key at its place, for example `train: { epochs: 10 }`. @param fallback shown where no better value is known */
export function exampleOf(path: readonly string[], fallback: unknown): string {
  if (path.length === 0) return '';
  const key = path.join('.');
  const value = Object.hasOwn(EXAMPLES, key) ? EXAMPLES[key] : fallback;
  return specLine(placed(path, value));
}

function placed(path: readonly string[], value: unknown): object {
  const [first, second, ...rest] = path;
  if (first === 'model' && second !== undefined) return { model: [{ [second]: amid(`model.${second}`, rest, value) }] };
  if (
    first === 'train' &&
    (second === 'optimizer' || second === 'schedule' || second === 'gradients') &&
    rest.length > 0
  ) {
    const [type, ...keys] = rest;
    return { train: { [second]: amid(`train.${second}.${type}`, keys, value) } };
  }
  if (first === 'preprocess' && second === 'outliers') {
    return { preprocess: { outliers: amid('preprocess.outliers', rest, value) } };
  }
  if (first === 'preprocess' && second === 'columns' && rest.length > 0) {
    const [, setting, ...keys] = rest;
    const own =
      setting === 'outliers'
        ? { outliers: amid('preprocess.columns.<column>.outliers', keys, value) }
        : nested(rest.slice(1), value);
    return { preprocess: { columns: { [COLUMN]: own } } };
  }
  return nested(path, value) as object;
}

function nested(path: readonly string[], value: unknown): unknown {
  return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

/** A key among those that its owner, for example a layer, needs. */
function amid(owner: string, path: readonly string[], value: unknown): unknown {
  if (path.length === 0) return value;
  return { ...(EXAMPLES[owner] as object), ...(nested(path, value) as object) };
}
