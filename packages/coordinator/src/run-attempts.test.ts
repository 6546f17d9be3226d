/** Jobs that fail with what may pass by itself, and jobs that take too long. */
import { readdir } from 'node:fs/promises';
import type { Job__Output } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec } from '@lockstep/spec';
import { describe, expect, it, vi } from 'vitest';
import { Job } from './job.js';
import { retryPause, runAttempts } from './run-attempts.js';
import { RunningCoordinator, SPEC } from './testing/running-coordinator.js';
import { TestWorker, type TestWorkerOptions } from './testing/worker.js';

vi.mock('./limits.js', async (original) => ({
  ...(await original<typeof import('./limits.js')>()),
  DESERTED_TIMEOUT_MS: 200,
  FIRST_RETRY_MS: 50,
}));

const EVERY_STEP = { 'run.checkpoints.everySeconds': '0', 'run.workers': '1' };
const DIES: TestWorkerOptions = { fault: ({ step }) => (step === 5 ? 'die' : null) };
/** Codes of warnings and notes. */
const notes = async (running: RunningCoordinator, id: string): Promise<string[]> =>
  (await running.events(id)).flatMap(({ note }) => (note ? [`${note.code} ${note.message}`] : []));

async function submit(running: RunningCoordinator, overrides: Record<string, string>, spec?: string): Promise<string> {
  return (await running.submit(spec, { overrides: { ...EVERY_STEP, ...overrides } })).id;
}

async function calm(): Promise<Job__Output> {
  const running = await RunningCoordinator.start();
  await TestWorker.join(running.address, 'w0');
  return running.ended(await submit(running, {}));
}

describe('a job that loses all of its workers for good', () => {
  it('is run again from its newest checkpoint, to the same bits', async () => {
    const running = await RunningCoordinator.start();
    await TestWorker.join(running.address, 'w0', DIES);
    const id = await submit(running, { 'run.retries': '20' });
    await running.events(id, ({ note }) => note?.code === 'RETRY');
    await TestWorker.join(running.address, 'w1');
    const job = await running.ended(id);
    expect([job.state, job.result?.parametersSha256]).toEqual([
      ...['JOB_STATE_SUCCEEDED', (await calm()).result?.parametersSha256],
    ]);
    expect(await notes(running, id)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^RETRY retry 1 of 20 in 0\.05 s: JOB_WORKERS_LOST: 0 of 1 workers are ready/),
        'RESUMED goes on from the checkpoint of step 5',
      ]),
    );
  });

  it('fails where no retry is asked for', async () => {
    const running = await RunningCoordinator.start();
    await TestWorker.join(running.address, 'w0', DIES);
    const id = await submit(running, {});
    expect((await running.ended(id)).failure?.code).toBe('JOB_WORKERS_LOST');
    expect((await notes(running, id)).filter((note) => note.startsWith('RETRY'))).toEqual([]);
  });
});

describe('a retry', () => {
  it('comes as often as asked for', async () => {
    const running = await RunningCoordinator.start();
    const dies: TestWorkerOptions = { fault: () => 'die' };
    await TestWorker.join(running.address, 'w0', dies);
    const id = await submit(running, { 'run.retries': '2' });
    for (const retry of [1, 2]) {
      await running.events(id, ({ note }) => note?.message.startsWith(`retry ${retry} of 2`) === true);
      await TestWorker.join(running.address, `w${retry}`, dies);
    }
    expect((await running.ended(id)).failure?.code).toBe('JOB_WORKERS_LOST');
    expect((await notes(running, id)).filter((note) => note.startsWith('RETRY'))).toHaveLength(2);
  });

  it('never comes for input that is wrong, nor for a job that is cancelled', async () => {
    const running = await RunningCoordinator.start();
    const retries = { 'run.retries': '3' };
    const wrong = await submit(running, { ...retries, 'data.label': 'z' });
    expect((await running.ended(wrong)).failure?.code).toBe('DATA_COLUMN_NOT_FOUND');
    const cancelled = await submit(running, retries);
    await running.call('cancelJob', { jobId: cancelled, reason: 'enough' });
    expect(await running.ended(cancelled)).toMatchObject({ state: 'JOB_STATE_CANCELLED', reason: 'enough' });
    for (const id of [wrong, cancelled]) {
      expect((await notes(running, id)).filter((note) => note.startsWith('RETRY'))).toEqual([]);
    }
  });

  it('waits twice as long each time, up to a minute', () => {
    expect([1, 2, 3, 20].map(retryPause)).toEqual([50, 100, 200, 60_000]);
  });
});

describe('a deadline', () => {
  it('is what a job fails with, also where that ends the preparation of its data', async () => {
    const spec = parseJobSpec(SPEC).spec!;
    const submission = { id: 'small-0', spec, resolvedYaml: SPEC, requestId: '', fingerprint: '' };
    const clock = { nowMs: () => 0, unixSeconds: () => 0 };
    const about = { namespace: 'default', dataName: 'data.csv', dataFiles: [], createdUnixSeconds: 0, order: 0 };
    const job = new Job({ ...submission, ...about }, clock, 1);
    const error = new LockstepError('DEADLINE_EXCEEDED');
    const attempt = async (): Promise<never> => {
      job.stop(error);
      throw new LockstepError('JOB_CANCELLED', { field: 'data.path' });
    };
    await expect(runAttempts(job, attempt)).rejects.toBe(error);
  });

  it('ends a job that runs, whose last step stays, and one that waits', async () => {
    const running = await RunningCoordinator.start({ checkpoints: true });
    const never = new Promise<void>(() => {});
    await TestWorker.join(running.address, 'w0', { hold: ({ step }) => (step === 5 ? never : null) });
    const runs = await submit(running, { 'run.deadlineSeconds': '8', 'run.retries': '3' });
    await running.events(runs, ({ stateChanged }) => stateChanged?.state === 'JOB_STATE_RUNNING');
    const waits = await submit(running, { 'run.deadlineSeconds': '0.5' });
    await running.ended(waits);
    expect((await running.job(runs)).state).toBe('JOB_STATE_RUNNING');
    const jobs = await Promise.all([runs, waits].map((id) => running.ended(id)));
    expect(jobs.map(({ failure }) => failure)).toMatchObject([
      { code: 'DEADLINE_EXCEEDED', message: expect.stringMatching(/within 8 s of its submission; it is running: /) },
      {
        code: 'DEADLINE_EXCEEDED',
        message: expect.stringMatching(/; it is pending: waits for 1 worker: 1 of 1 connected fit, 0 free; /),
      },
    ]);
    expect(await readdir(running.checkpointDirectory)).toContainEqual(expect.stringMatching(/0*5\./));
  });
});
