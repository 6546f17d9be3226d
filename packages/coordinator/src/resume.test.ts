/** A job that goes on from any of its checkpoints ends as the one that was never stopped. */
import { cpSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Job__Output } from '@lockstep/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CheckpointFolder } from './adapters/checkpoint-folder.js';
import { EVERY_STEP, notes, onlyCheckpoint, run } from './testing/checkpointed-run.js';
import { RunningCoordinator } from './testing/running-coordinator.js';
import { TestWorker } from './testing/worker.js';

describe('going on from a checkpoint', () => {
  it('at every step gives the same parameters, metrics and history', async () => {
    const straight = await run();
    const files = readdirSync(straight.folder);
    // 25 training rows in batches of 10: 3 steps an epoch, 3 epochs; steps 3, 6 and 9 are there once, after their epoch.
    expect(files).toHaveLength(9);
    const rows = (job: Job__Output): string[][] =>
      (job.result?.historyCsv ?? '').split('\n').map((line) => line.split(',').slice(0, -1));
    for (const [index, file] of files.entries()) {
      const workers = Array.from({ length: 1 + (index % 3) }, () => ({}));
      const resumed = await run(onlyCheckpoint(straight, file), {}, workers);
      expect(resumed.job.result?.parametersSha256).toBe(straight.job.result?.parametersSha256);
      expect(resumed.job.result?.testMetrics).toEqual(straight.job.result?.testMetrics);
      expect(rows(resumed.job)).toEqual(rows(straight.job));
      const step = Number(/\d+/.exec(file)?.[0]);
      expect(resumed.events.find(({ rewound }) => rewound)).toMatchObject({ step, rewound: { toStep: step } });
      expect(notes(resumed)).toContain(`RESUMED: goes on from the checkpoint of step ${step}`);
    }
  });

  it('passes over a torn one with a warning', async () => {
    const straight = await run();
    const resumed = await run((folder) => {
      cpSync(straight.folder, folder, { recursive: true });
      truncateSync(join(folder, 'step-0000000009.ckpt'), 64);
    });
    expect(resumed.job.result?.parametersSha256).toBe(straight.job.result?.parametersSha256);
    expect(notes(resumed).join('\n')).toMatch(/CHECKPOINT_SKIPPED: .*0009\.ckpt is passed over: .*torn/);
    expect(notes(resumed)).toContain('RESUMED: goes on from the checkpoint of step 8');
  });

  it('of other work is refused, with what differs', async () => {
    const straight = await run();
    const copy = (folder: string): void => cpSync(straight.folder, folder, { recursive: true });
    const other = await run(copy, { 'train.seed': '8', 'train.batchSize': '5' });
    expect(other.job.failure).toMatchObject({
      code: 'CHECKPOINT_MISMATCH',
      field: 'train.batchSize',
      message: expect.stringMatching(/train\.batchSize: 10, now 5; also another value: train\.seed\.$/),
      value: '5',
    });
  });

  it('waits for workers of its own numeric class', async () => {
    const straight = await run();
    const running = await RunningCoordinator.start({ checkpoints: true });
    cpSync(straight.folder, running.checkpointDirectory, { recursive: true });
    await TestWorker.join(running.address, 'w0', { numericClass: 'other' });
    const { id } = await running.submit(undefined, { overrides: { ...EVERY_STEP, 'run.workers': '1' } });
    const events = await running.events(id, ({ workerChanged }) => workerChanged?.change === 'refused');
    expect(events.at(-1)?.workerChanged?.reason).toMatch(/NUMERIC_CLASS_MISMATCH: it is other, the job is arithmetic/);
    await TestWorker.join(running.address, 'w1', {});
    expect((await running.ended(id)).result?.parametersSha256).toBe(straight.job.result?.parametersSha256);
  });

  it('in another numeric class, where it may, names the step', async () => {
    const straight = await run();
    const checkpoint = onlyCheckpoint(straight, 'step-0000000005.ckpt');
    const rebased = await run(checkpoint, { 'run.rebaseNumerics': 'true' }, [{ numericClass: 'other' }]);
    expect(notes(rebased).join()).toContain('NUMERICS_REBASED: From step 5 on the job is computed in other');
    expect(rebased.job.result).toMatchObject({ numericClass: 'other/rebased=5', reproducible: false });
  }, 30_000);

  it('is possible from the last step of a coordinator that was stopped, also where the disk is slow', async () => {
    const running = await RunningCoordinator.start({ checkpoints: true });
    await TestWorker.join(running.address, 'w0', {});
    // Many steps an epoch, so that no second one ends before the stop.
    const overrides = { 'run.workers': '1', 'train.epochs': '10000', 'train.lanes': '1', 'train.batchSize': '1' };
    const begun: number[] = [];
    const saved: number[] = [];
    const disk = { delayMs: 0 };
    const { save } = CheckpointFolder.prototype;
    const slow = vi.spyOn(CheckpointFolder.prototype, 'save').mockImplementation(async function (
      this: CheckpointFolder,
      checkpoint,
    ) {
      begun.push(checkpoint.step);
      await new Promise((resolve) => setTimeout(resolve, disk.delayMs));
      await save.call(this, checkpoint);
      saved.push(checkpoint.step);
    });
    onTestFinished(() => slow.mockRestore());
    await running.submit(undefined, { overrides });
    await vi.waitFor(() => expect(saved).not.toEqual([]), { timeout: 10_000, interval: 5 });
    const before = saved.length;
    disk.delayMs = 2200;
    await running.stop();
    expect(saved).toEqual(begun);
    expect(saved.length).toBeGreaterThan(before);
  });
});
