/** Parts of `split` and `train` that contradict each other. */
import { MAX_BATCH_ROWS, MAX_LANES } from '../limits.js';
import type { ResolvedJobSpec, TrainSpec } from '../schema.js';
import type { Add } from './contradiction.js';

/** Checks split, lanes and optimizer. */
export function checkTraining({ data, split, task, train }: ResolvedJobSpec, add: Add): void {
  checkSplitColumns(split, data, add);
  const held = split.test + split.validation;
  if (held >= 1) {
    const message = 'split.test and split.validation leave no rows for training';
    add(['split'], held, message, 'Let them add up to less than 1.');
  }
  if (task === 'regression' && split.stratify) {
    const message = `${train.loss} predicts a number, whose rows cannot be kept in proportion`;
    add(['split', 'stratify'], true, message, 'Remove split.stratify.');
  }
  const { batchSize, lanes, optimizer } = train;
  if (batchSize !== 'full' && lanes > batchSize) {
    const message = `${lanes} lanes for a batch of ${batchSize} rows`;
    add(['train', 'lanes'], lanes, message, `Use train.lanes: ${batchSize} or fewer.`);
  }
  checkAccumulation(train, add);
  checkThreads(train, add);
  if (optimizer.type === 'sgd' && optimizer.nesterov && optimizer.momentum === 0) {
    const message = 'nesterov looks ahead along the momentum, which is 0';
    add(['train', 'optimizer', 'nesterov'], true, message, 'Add momentum: 0.9, or remove nesterov.');
  }
}

function checkThreads({ engine, threadsPerLane }: TrainSpec, add: Add): void {
  if (engine !== 'tfjs' || threadsPerLane === 1) return;
  const message = 'the engine tfjs computes a lane on one thread';
  add(
    ['train', 'threadsPerLane'],
    threadsPerLane,
    message,
    'Remove train.threadsPerLane, or use train.engine: onnxruntime.',
  );
}

/** Rows are kept together, kept in order or kept in proportion: one of the three. */
function checkSplitColumns(split: ResolvedJobSpec['split'], data: ResolvedJobSpec['data'], add: Add): void {
  const named = (['groupBy', 'orderBy'] as const).filter((key) => split[key] !== undefined);
  for (const key of named) {
    const column = split[key];
    if (column === data.label) add(['split', key], column, 'The label cannot divide the rows', `Remove split.${key}.`);
    if (split.stratify) {
      const message = `${key} divides the rows, which so cannot be kept in proportion`;
      add(['split', 'stratify'], true, message, `Remove split.stratify, or split.${key}.`);
    }
  }
  if (named.length === 2) {
    const message = 'groupBy and orderBy divide the rows in two different ways';
    add(['split', 'orderBy'], split.orderBy, message, 'Remove one of them.');
  }
}

function checkAccumulation({ accumulate, batchSize, gradients, lanes }: TrainSpec, add: Add): void {
  if (accumulate === 1) return;
  const path = ['train', 'accumulate'];
  if (batchSize === 'full') {
    add(path, accumulate, 'a full batch has all rows already', 'Remove train.accumulate, or set train.batchSize.');
    return;
  }
  if (gradients === 'int8' || typeof gradients !== 'string') {
    const message = `each of ${accumulate} times ${lanes} lanes has a residual as large as the parameters, in memory and in every checkpoint`;
    const name = typeof gradients === 'string' ? gradients : gradients.type;
    add(
      path,
      accumulate,
      `with gradients in ${name} ${message}`,
      'Raise train.batchSize instead, or use train.gradients: bfloat16.',
    );
    return;
  }
  const most = Math.min(Math.floor(MAX_LANES / lanes), Math.floor(MAX_BATCH_ROWS / batchSize));
  if (accumulate > most) {
    const message = `${accumulate} times ${lanes} lanes and ${batchSize} rows are more than ${MAX_LANES} lanes or ${MAX_BATCH_ROWS} rows`;
    add(path, accumulate, message, `Use train.accumulate: ${most} or fewer.`);
  }
}
