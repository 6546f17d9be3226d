/** Parts of `split` and `train` that contradict each other. */
import type { ResolvedJobSpec } from '../schema.js';
import type { Add } from './contradiction.js';

/** Checks split, lanes and optimizer. */
export function checkTraining({ split, task, train }: ResolvedJobSpec, add: Add): void {
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
  if (optimizer.type === 'sgd' && optimizer.nesterov && optimizer.momentum === 0) {
    const message = 'nesterov looks ahead along the momentum, which is 0';
    add(['train', 'optimizer', 'nesterov'], true, message, 'Add momentum: 0.9, or remove nesterov.');
  }
}
