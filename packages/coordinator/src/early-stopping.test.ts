/** A job that stops early ends alike from every checkpoint and on any number of workers. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { notes, onlyCheckpoint, type Run, run } from './testing/checkpointed-run.js';

/** Mean loss of the validation rows after each epoch of 3 steps: best after the second. */
const LOSSES = [5, 3, 4, 4.5, 1];
const worker = { validationLoss: (version: number) => LOSSES[version / 3 - 1] ?? Number.NaN };
const STOPPING = {
  'train.epochs': '5',
  'train.earlyStopping.patience': '2',
  'train.earlyStopping.restoreBestWeights': 'true',
};

const course = ({ job }: Run) => JSON.parse(job.result?.metricsJson ?? '{}').earlyStopping;
const hash = ({ job }: Run) => job.result?.parametersSha256;

describe('early stopping', () => {
  it('ends with the best parameters, and so it does from every checkpoint', async () => {
    const straight = await run(undefined, STOPPING, [worker]);
    const stopped =
      'stopped after epoch 4 of 5: validationLoss was best in epoch 2, 3, and has not improved for 2 epochs (patience 2)';
    expect(notes(straight)).toEqual([
      `STOPPED_EARLY: ${stopped}`,
      'BEST_RESTORED: the parameters of epoch 2 are restored',
    ]);
    expect(course(straight)).toEqual({
      ...{ monitor: 'validationLoss', stoppedEpoch: 4, bestEpoch: 2, best: 3, restored: true, reason: stopped },
    });
    expect(straight.job.progress).toMatchObject({ step: 12, totalSteps: 15 });
    expect(straight.job.reason).toMatch(/^12 steps/);
    expect(hash(straight)).toBe(hash(await run(undefined, { 'train.epochs': '2' }, [worker])));
    const files = readdirSync(straight.folder);
    expect(files).toHaveLength(12);
    for (const [index, file] of files.entries()) {
      const workers = Array.from({ length: 1 + (index % 3) }, () => worker);
      const resumed = await run(onlyCheckpoint(straight, file), STOPPING, workers);
      expect(hash(resumed), file).toBe(hash(straight));
      expect(course(resumed), file).toEqual(course(straight));
    }
  });

  it('keeps the checkpoint of the epoch that it found best', async () => {
    const rule = { 'train.earlyStopping.minDelta': '2.5', 'train.earlyStopping.patience': '4', 'train.epochs': '4' };
    const { folder } = await run(undefined, { ...rule, 'run.checkpoints.keep': '1' }, [worker]);
    // The loss is lowest after epoch 2, but not by more than minDelta.
    expect(readdirSync(folder)).toEqual(['step-0000000003.ckpt', 'step-0000000012.ckpt']);
  });

  it('restores the best parameters also where every epoch was run', async () => {
    const rule = { ...STOPPING, 'train.earlyStopping.patience': '9', 'train.epochs': '4' };
    const whole = await run(undefined, rule, [worker]);
    expect(course(whole)).toMatchObject({ stoppedEpoch: null, bestEpoch: 2, restored: true, reason: null });
    expect(hash(whole)).toBe(hash(await run(undefined, { 'train.epochs': '2' }, [worker])));
  });
});
