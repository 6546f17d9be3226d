/** When training ends early: the rules of EarlyStopping in Keras 3 (docs/course.md). Pure. */
import type { EarlyStoppingSpec } from '@lockstep/spec';
import type { EpochRow } from './history.js';

/** What is known after some epochs. */
export interface StoppingState {
  /** Watched epochs since the last improvement. */
  readonly wait: number;
  /** Best value; null before the first one that is a number. */
  readonly best: number | null;
  /** 1-based; 0 before the first watched epoch. */
  readonly bestEpoch: number;
  /** Epoch after which training ended early, 1-based; 0 while it has not. */
  readonly stoppedEpoch: number;
}

/** Before the first epoch. */
export const NOT_STOPPED: StoppingState = { wait: 0, best: null, bestEpoch: 0, stoppedEpoch: 0 };

/** The state after an epoch. Its parameters are the best ones where `bestEpoch` is that epoch. */
export function afterEpoch(rule: EarlyStoppingSpec, state: StoppingState, { epoch, metrics }: EpochRow): StoppingState {
  const value = metrics[columnOf(rule.monitor)];
  if (value === undefined || epoch <= rule.startFromEpoch) return state;
  if (isImprovement(rule, value, state.best)) return { wait: 0, best: value, bestEpoch: epoch, stoppedEpoch: 0 };
  const wait = state.wait + 1;
  const isOver = wait >= rule.patience && epoch > 1;
  return { ...state, wait, bestEpoch: state.bestEpoch || epoch, stoppedEpoch: isOver ? epoch : 0 };
}

/** Why training ended early, in words and numbers. */
export function stoppedText(rule: EarlyStoppingSpec, state: StoppingState, epochs: number): string {
  const { monitor, minDelta, patience } = rule;
  const best = state.best === null ? 'has been no number' : `was best in epoch ${state.bestEpoch}, ${state.best}`;
  const delta = minDelta > 0 ? ` by more than ${minDelta}` : '';
  const since = `has not improved${delta} for ${state.wait} epoch${state.wait === 1 ? '' : 's'} (patience ${patience})`;
  return `stopped after epoch ${state.stoppedEpoch} of ${epochs}: ${monitor} ${best}, and ${since}`;
}

function isImprovement({ monitor, mode, minDelta }: EarlyStoppingSpec, value: number, best: number | null): boolean {
  const isHigher = mode === 'auto' ? monitor.toLowerCase().endsWith('accuracy') : mode === 'max';
  if (isHigher) return value - minDelta > (best ?? Number.NEGATIVE_INFINITY);
  return value + minDelta < (best ?? Number.POSITIVE_INFINITY);
}

/** The metric as history.csv names it: validationLoss is validation_loss. */
function columnOf(monitor: string): string {
  return monitor.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
