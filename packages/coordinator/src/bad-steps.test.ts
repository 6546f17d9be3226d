/** Steps whose loss or gradient is not finite: the job ends, or the step is left out, alike for any number of workers. */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EVERY_STEP, notes, onlyCheckpoint, type Run, run } from './testing/checkpointed-run.js';
import { RunningCoordinator } from './testing/running-coordinator.js';
import { TestWorker, type TestWorkerOptions } from './testing/worker.js';

const hash = ({ job }: Run) => job.result?.parametersSha256;
const copies = (count: number, worker: TestWorkerOptions) => Array.from({ length: count }, () => worker);
const WHAT =
  'The gradient of 0_dense/kernel is Infinity in step 4. Epoch 2: the gradient of lane 1 (rows 2 to 4 of the 10 of its global batch).';

/** Lane 1 of step 4 is bad whoever computes it. */
const bad: TestWorkerOptions = { spoil: (step, lane) => (step === 4 && lane === 1 ? 'gradient' : null) };

describe('a gradient that is not finite', () => {
  it.each([1, 2, 3])('ends the job on %i workers with its step, epoch, lane and rows', async (count) => {
    const { job } = await run(undefined, {}, copies(count, bad));
    expect(job.failure).toMatchObject({ code: 'NUMERICS_NOT_FINITE', field: '0_dense/kernel', message: WHAT });
  });

  it('A29 names every bad lane, and what of it is bad', async () => {
    const spoil = (step: number, lane: number) => (step === 2 && lane > 1 ? (lane === 2 ? 'loss' : 'gradient') : null);
    const { job } = await run(undefined, {}, copies(2, { spoil }));
    // The last batch of the epoch has 4 rows.
    expect(job.failure?.message).toBe(
      'The loss is NaN over a weight of 4 in step 2. Epoch 1: the loss of lane 2 (row 2 of the 4 of its global batch), the gradient of lane 3 (row 3 of the 4 of its global batch).',
    );
  });
});

describe('a step that is skipped', () => {
  const SKIP = { 'train.onNonFinite': 'skip' };

  it('leaves the same bits on any number of workers, from every checkpoint, and when one dies in it', async () => {
    const straight = await run(undefined, SKIP, [bad]);
    expect(notes(straight)).toEqual([`STEP_SKIPPED: step 4 is skipped: its update is left out. ${WHAT}`]);
    expect(JSON.parse(straight.job.result?.metricsJson ?? '{}')).toMatchObject({ skippedSteps: 1, epochs: 3 });
    expect(hash(straight)).not.toBe(hash(await run()));
    for (const count of [2, 3]) expect(hash(await run(undefined, SKIP, copies(count, bad)))).toBe(hash(straight));
    const dies: TestWorkerOptions = { ...bad, fault: ({ step }) => (step === 4 ? 'die' : null) };
    expect(hash(await run(undefined, SKIP, [bad, dies, bad]))).toBe(hash(straight));
    for (const file of readdirSync(straight.folder)) {
      const resumed = await run(onlyCheckpoint(straight, file), SKIP, [bad]);
      expect(hash(resumed), file).toBe(hash(straight));
      expect(JSON.parse(resumed.job.result?.metricsJson ?? '{}').skippedSteps, file).toBe(1);
    }
  });

  it('is counted, and makes a version of its own', async () => {
    const running = await RunningCoordinator.start();
    const { commands } = await TestWorker.join(running.address, 'w0', bad);
    const { id } = await running.submit(undefined, { overrides: { ...EVERY_STEP, ...SKIP, 'run.workers': '1' } });
    await running.ended(id);
    expect(await running.metrics()).toContain('lockstep_skipped_steps_total 1\n');
    expect(commands.filter(({ step, version }) => step !== version)).toEqual([]);
  });

  it('takes a late answer to the first try for what it is while its lanes are computed again', async () => {
    const running = await RunningCoordinator.start();
    let lookedAgain = (): void => {};
    const held = new Promise<void>((resolve) => {
      lookedAgain = resolve;
    });
    let asked = 0;
    // Its own lanes, and those of the late one; then each lane again, which waits for the late answer.
    const hold: TestWorkerOptions['hold'] = ({ step }) => {
      if (step !== 4 || ++asked <= 2) return null;
      lookedAgain();
      return sleep(200);
    };
    await TestWorker.join(running.address, 'w0', { ...bad, hold });
    const late = await TestWorker.join(running.address, 'w1', {
      ...bad,
      hold: ({ step }) => (step === 4 ? held : null),
    });
    const { id } = await running.submit(undefined, { overrides: SKIP });
    expect((await running.ended(id)).state).toBe('JOB_STATE_SUCCEEDED');
    expect(asked).toBeGreaterThan(2);
    expect(late.commands.filter(({ step }) => step > 5)).not.toEqual([]);
  });

  it('ends the job after ten in a row', async () => {
    const { job } = await run(undefined, { ...SKIP, 'train.epochs': '9' }, [{ spoil: () => 'loss' }]);
    expect(job.failure).toMatchObject({ code: 'NUMERICS_NOT_FINITE' });
    expect(job.failure?.message).toMatch(/in step 10\. Epoch 4: .* The 10 steps before were skipped too\.$/);
  });
});

describe('a step that is computed again', () => {
  const REWIND = { 'train.onNonFinite': 'rewind', 'run.checkpoints.everySeconds': '1000' };

  it('is skipped where it is bad again: the bits are those of skipping it, on any number of workers', async () => {
    const skipped = await run(undefined, { 'train.onNonFinite': 'skip' }, [bad]);
    for (const count of [1, 2, 3]) {
      const rewound = await run(undefined, REWIND, copies(count, bad));
      expect(hash(rewound)).toBe(hash(skipped));
      expect(rewound.events.flatMap((event) => event.rewound ?? [])).toEqual([{ toStep: 3 }]);
      expect(notes(rewound)).toEqual([
        `REWOUND: goes back from step 4 to the checkpoint of step 3. ${WHAT}`,
        `STEP_SKIPPED: step 4 is skipped: its update is left out. ${WHAT}`,
      ]);
    }
  });

  it('leaves no trace where it is good then, also when a worker is lost meanwhile', async () => {
    let times = 0;
    // The first try, and the look at its lanes.
    const once: TestWorkerOptions = {
      spoil: (step, lane) => (step === 5 && lane === 0 && times++ < 4 ? 'loss' : null),
    };
    const mended = await run(undefined, REWIND, [once]);
    expect(hash(mended)).toBe(hash(await run()));
    expect(notes(mended)).toEqual([
      expect.stringMatching(/^REWOUND: goes back from step 5 to the checkpoint of step 3/),
    ]);
    let deaths = 0;
    const dies: TestWorkerOptions = { ...bad, fault: ({ step }) => (step === 3 && deaths++ > 0 ? 'die' : null) };
    const lost = await run(undefined, REWIND, [bad, dies]);
    expect(hash(lost)).toBe(hash(await run(undefined, { 'train.onNonFinite': 'skip' }, [bad])));
    const steps = lost.events.flatMap((event) => (event.epochEnded ? [event.epochEnded.epoch] : []));
    expect(steps).toEqual([1, 2, 3]);
  });

  it('goes back to the first parameters before there is another checkpoint', async () => {
    const first: TestWorkerOptions = { spoil: (step, lane) => (step === 1 && lane === 2 ? 'loss' : null) };
    const rewound = await run(undefined, REWIND, [first]);
    expect(notes(rewound)[0]).toMatch(/^REWOUND: goes back from step 1 to the checkpoint of step 0/);
    expect(hash(rewound)).toBe(hash(await run(undefined, { 'train.onNonFinite': 'skip' }, [first])));
  });
});
