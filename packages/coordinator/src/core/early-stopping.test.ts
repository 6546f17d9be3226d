/** Early stopping against what Keras 3 does with the same values. */
import type { EarlyStoppingSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { afterEpoch, NOT_STOPPED, type StoppingState, stoppedText } from './early-stopping.js';

const RULE: EarlyStoppingSpec = {
  ...{ monitor: 'validationLoss', mode: 'auto', minDelta: 0, patience: 0, restoreBestWeights: true, startFromEpoch: 0 },
};

/** The state after epochs with these values, up to the one that ends training. */
function after(values: readonly number[], rule: Partial<EarlyStoppingSpec>): StoppingState {
  const whole = { ...RULE, ...rule };
  const column = whole.monitor.replace('validationL', 'validation_l').replace('validationA', 'validation_a');
  let state = NOT_STOPPED;
  for (const [index, value] of values.entries()) {
    state = afterEpoch(whole, state, { epoch: index + 1, seconds: 0, learningRate: 0, metrics: { [column]: value } });
    if (state.stoppedEpoch > 0) break;
  }
  return state;
}

describe('early stopping', () => {
  // What test/reference/early_stopping.py prints for these values.
  it.each([
    ['stops at the first epoch that is no better', [5, 4, 4, 3], {}, 3, 2],
    ['waits for patience epochs', [5, 4, 4.5, 4.2, 4.1], { patience: 3 }, 5, 2],
    ['begins to wait again after an improvement', [5, 6, 4, 6, 6, 1], { patience: 2 }, 5, 3],
    ['wants more than minDelta', [5, 4.6, 4.2, 4.1], { minDelta: 0.5, patience: 1 }, 2, 1],
    ['takes an equal value for no improvement', [5, 5, 5], { patience: 2 }, 3, 1],
    ['does not watch the first epochs', [1, 2, 9, 8, 8], { startFromEpoch: 2 }, 5, 4],
    ['looks for more accuracy', [0.5, 0.6, 0.6, 0.7], { monitor: 'validationAccuracy' }, 3, 2],
    ['looks for less where mode says so', [0.5, 0.4, 0.6], { monitor: 'validationAccuracy', mode: 'min' }, 3, 2],
    ['looks for more where mode says so', [0.5, 0.6, 0.4], { monitor: 'loss', mode: 'max' }, 3, 2],
    ['takes what is no number for no improvement', [5, Number.NaN, Number.NaN, 4], { patience: 2 }, 3, 1],
    ['never stops after the first epoch', [Number.NaN, Number.NaN, Number.NaN], { patience: 1 }, 2, 1],
  ] as const)('%s', (_what, values, rule, stoppedEpoch, bestEpoch) => {
    expect(after(values, rule)).toMatchObject({ stoppedEpoch, bestEpoch });
  });

  // Keras 3.15 would keep the first value for ever, as nothing is less than it.
  it('takes a number for better than what is none', () => {
    expect(after([Number.NaN, 4, 3, 3.5], { patience: 1 })).toMatchObject({ stoppedEpoch: 4, bestEpoch: 3, best: 3 });
  });

  it('says why in words and numbers', () => {
    const rule = { patience: 2, minDelta: 0.1 };
    const state = after([5, 4, 4, 4], rule);
    expect(stoppedText({ ...RULE, ...rule }, state, 40)).toBe(
      'stopped after epoch 4 of 40: validationLoss was best in epoch 2, 4, and has not improved by more than 0.1 for 2 epochs (patience 2)',
    );
  });
});
