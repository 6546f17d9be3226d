/** Early stopping that could never see or never use what it watches. */
import type { ResolvedJobSpec } from '../schema.js';
import type { Add } from './contradiction.js';

/** Checks that the watched metric is measured, is one of the task, and is watched at all. */
export function checkEarlyStopping({ split, task, train }: ResolvedJobSpec, add: Add): void {
  const { earlyStopping, epochs } = train;
  if (!earlyStopping) return;
  const { monitor, startFromEpoch } = earlyStopping;
  const path = ['train', 'earlyStopping'] as const;
  const isHeld = monitor.startsWith('validation');
  if (isHeld && split.validation === 0) {
    const message = `early stopping watches ${monitor}, but split.validation is 0: no rows are kept for it`;
    add([...path, 'monitor'], monitor, message, 'Set split.validation: 0.2, or watch monitor: loss.');
  }
  const [own, other] = task === 'regression' ? ['mae', 'accuracy'] : ['accuracy', 'mae'];
  if (monitor.toLowerCase().endsWith(other)) {
    const instead = isHeld ? `validation${own.charAt(0).toUpperCase()}${own.slice(1)}` : own;
    add([...path, 'monitor'], monitor, `${train.loss} has no ${other}`, `Use monitor: ${instead}.`);
  }
  if (startFromEpoch >= epochs) {
    const message = `startFromEpoch leaves none of ${epochs} epochs to watch`;
    add([...path, 'startFromEpoch'], startFromEpoch, message, `Use less than train.epochs, ${epochs}.`);
  }
}
