/** Several jobs at once on the workers of one coordinator: apart from each other, and each to its own bits. */
import { describe, expect, it } from 'vitest';
import { RunningCoordinator } from './testing/running-coordinator.js';
import { TestWorker, type TestWorkerOptions } from './testing/worker.js';

const LONG = { name: 'long', 'train.epochs': '5', 'run.workers': '2' };
const SHORT = { 'train.epochs': '3', 'run.workers': '2' };
/** Step at which a long job is held. */
const HELD = 4;

interface Running {
  readonly running: RunningCoordinator;
  readonly crew: TestWorker[];
  readonly join: (name: string) => Promise<TestWorker>;
  /** Lets long jobs go on. */
  readonly release: () => void;
}

async function start(workers: number): Promise<Running> {
  const running = await RunningCoordinator.start();
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const hold: TestWorkerOptions['hold'] = ({ jobId, step }) =>
    jobId.startsWith('long-') && step >= HELD ? released : null;
  const join = (name: string): Promise<TestWorker> => TestWorker.join(running.address, name, { hold });
  const crew = await Promise.all(Array.from({ length: workers }, (_, index) => join(`w${index}`)));
  return { running, crew, join, release };
}

async function submit(running: RunningCoordinator, overrides: Record<string, string>): Promise<string> {
  return (await running.submit(undefined, { overrides })).id;
}

/** Waits until a job has come so far that it has workers. */
async function begun(running: RunningCoordinator, jobId: string): Promise<void> {
  await running.events(jobId, ({ stepsCommitted }) => stepsCommitted !== null && stepsCommitted !== undefined);
}

async function hashOf(running: RunningCoordinator, jobId: string): Promise<string> {
  const job = await running.ended(jobId);
  expect(job).toMatchObject({ state: 'JOB_STATE_SUCCEEDED' });
  return job.result?.parametersSha256 ?? '';
}

/** Parameters of a job that has a coordinator for itself. */
async function alone(overrides: Record<string, string>): Promise<string> {
  const { running, release } = await start(2);
  release();
  return hashOf(running, await submit(running, overrides));
}

/** Commands that a worker got for a job before it had the plan of that job, or after the job let it go. */
function strayCommands({ received }: TestWorker): number {
  let current = '';
  let stray = 0;
  for (const { jobPlan, jobEnded, step, evaluate } of received) {
    if (jobPlan) {
      if (current !== '') stray++;
      current = jobPlan.jobId;
    }
    if (jobEnded?.jobId === current) current = '';
    const { jobId } = step ?? evaluate ?? {};
    if (jobId !== undefined && jobId !== current) stray++;
  }
  return stray;
}

describe('jobs side by side', () => {
  it('run at once on workers of their own, to the bits of each alone', async () => {
    const { running, crew, release } = await start(4);
    const long = await submit(running, LONG);
    await begun(running, long);
    const short = await submit(running, SHORT);
    const shortHash = await hashOf(running, short);
    expect(await running.job(long)).toMatchObject({ state: 'JOB_STATE_RUNNING' });
    release();
    expect([await hashOf(running, long), shortHash]).toEqual([await alone(LONG), await alone(SHORT)]);
    expect(crew.map(strayCommands)).toEqual([0, 0, 0, 0]);
    const jobs = crew.map(({ commands }) => [...new Set(commands.map(({ jobId }) => jobId))]);
    expect(jobs.sort()).toEqual([[long], [long], [short], [short]].sort());
    expect(await running.metrics()).toContain('lockstep_workers{state="connected"} 4\n');
  });

  it('begin with the workers that are left, and take over those of a job that ends', async () => {
    const { running, crew, release } = await start(3);
    const first = await submit(running, LONG);
    await begun(running, first);
    const second = await submit(running, LONG);
    await begun(running, second);
    await running.call('cancelJob', { jobId: first });
    await running.events(second, ({ workerChanged }) => workerChanged?.change === 'spare');
    release();
    expect(await hashOf(running, second)).toBe(await alone(LONG));
    const ready = (await running.events(second)).flatMap(({ workerChanged }) =>
      workerChanged?.change === 'ready' ? [workerChanged.workerId] : [],
    );
    expect([new Set(ready).size, crew.map(strayCommands)]).toEqual([2, [0, 0, 0]]);
  });

  it('wait with numbers while too few workers are free, and begin when a worker comes', async () => {
    const { running, join } = await start(3);
    const first = await submit(running, LONG);
    await begun(running, first);
    const pair = await submit(running, { ...SHORT, 'run.minWorkers': '2' });
    const last = await submit(running, SHORT);
    const there = '3 of 3 connected fit, 1 free';
    const holder = `${first} is running and holds 2`;
    expect(await running.job(pair)).toMatchObject({
      ...{ state: 'JOB_STATE_PENDING', reason: `waits for 2 workers: ${there}; ${holder}` },
    });
    expect((await running.job(last)).reason).toBe(
      `2nd in the queue: waits for 1 worker: ${there}, kept for ${pair}; ${holder}`,
    );
    await join('w3');
    expect(await hashOf(running, pair)).toBe(await hashOf(running, last));
    expect(await running.job(first)).toMatchObject({ state: 'JOB_STATE_RUNNING' });
  });

  it('pass one that needs a device that is not there, which fails by its own clock', async () => {
    const { running } = await start(2);
    const long = await submit(running, { ...LONG, 'run.workers': '1' });
    await begun(running, long);
    const cuda = { 'run.device': 'cuda', 'run.minWorkers': '2', 'run.queueTimeoutSeconds': '3' };
    const head = await submit(running, { ...SHORT, ...cuda });
    const needs = 'waits for 2 workers with device cuda: 0 of 2 connected fit';
    expect(await running.job(head)).toMatchObject({ state: 'JOB_STATE_PENDING', reason: needs });
    const next = await submit(running, SHORT);
    expect(await hashOf(running, next)).toBe(await alone(SHORT));
    expect((await running.ended(head)).failure).toMatchObject({
      ...{ code: 'JOB_QUEUE_TIMEOUT', field: 'run.queueTimeoutSeconds' },
      message: `Fewer than 2 workers (run.minWorkers) were there within run.queueTimeoutSeconds of 3 s: ${needs}.`,
    });
    expect(await running.job(long)).toMatchObject({ state: 'JOB_STATE_RUNNING' });
  });

  it('pass one that has begun and cannot run, also with the workers that fit it', async () => {
    const { running } = await start(1);
    const pair = await submit(running, { ...SHORT, 'run.minWorkers': '2' });
    const short = await submit(running, SHORT);
    await hashOf(running, short);
    const needs = 'needs 2 workers (run.minWorkers), 1 connected';
    await running.events(pair, ({ stateChanged }) => stateChanged?.reason === needs);
    expect(await running.job(pair)).toMatchObject({ state: 'JOB_STATE_PENDING', reason: needs });
  });

  it('make room for one of higher priority, and go on after it to the same bits', async () => {
    const { running, crew, release } = await start(2);
    const long = await submit(running, LONG);
    await begun(running, long);
    const urgent = await submit(running, { ...SHORT, 'run.minWorkers': '2', 'run.priority': '5' });
    release();
    expect(await hashOf(running, urgent)).toBe(await alone(SHORT));
    expect(await hashOf(running, long)).toBe(await alone(LONG));
    const events = await running.events(long);
    const notes = events.flatMap(({ note }) => (note?.code === 'JOB_PREEMPTED' ? [note.message] : []));
    expect(notes).toEqual([`${urgent} of priority 5 takes the workers of this one of priority 0`]);
    const steps = events.flatMap(({ stepsCommitted }) => stepsCommitted?.progress?.step ?? []);
    // It goes on after its last step: no step is committed twice.
    expect(steps).toEqual([...new Set(steps)].sort((one, other) => one - other));
    expect(crew.map(strayCommands)).toEqual([0, 0]);
  });

  it('keep their last step where lanes have residuals, too', async () => {
    const { running, crew, release } = await start(2);
    // Of eight steps an epoch the fifth is held, and there is no checkpoint but that of the start.
    const encoded = {
      ...LONG,
      'train.gradients': 'int8',
      'train.batchSize': '4',
      'run.checkpoints.everySeconds': '1000',
    };
    const long = await submit(running, encoded);
    await begun(running, long);
    const urgent = await submit(running, { ...SHORT, 'run.minWorkers': '2', 'run.priority': '5' });
    await running.events(long, ({ note }) => note?.code === 'JOB_PREEMPTED');
    release();
    await hashOf(running, urgent);
    expect(await hashOf(running, long)).toBe(await alone(encoded));
    for (const { commands } of crew) {
      const steps = commands.flatMap(({ jobId, step }) => (jobId === long ? [step] : []));
      expect(steps).toEqual([...new Set(steps)]);
    }
  });

  it('are suspended between two steps, and go on to the same bits', async () => {
    const { running, release } = await start(2);
    const long = await submit(running, LONG);
    await begun(running, long);
    await running.call('suspendJob', { jobId: long, reason: 'later' });
    release();
    await running.events(long, ({ stateChanged }) => stateChanged?.state === 'JOB_STATE_SUSPENDED');
    const short = await hashOf(running, await submit(running, SHORT));
    expect(await running.job(long)).toMatchObject({ state: 'JOB_STATE_SUSPENDED', reason: 'later' });
    await running.call('resumeJob', { jobId: long });
    expect([await hashOf(running, long), short]).toEqual([await alone(LONG), await alone(SHORT)]);
  });

  it('let one that waits have the workers that come before one that runs grows', async () => {
    const { running, join, release } = await start(1);
    const long = await submit(running, { ...LONG, 'run.workers': '1', 'run.maxWorkers': '3' });
    await begun(running, long);
    const pair = await submit(running, { ...SHORT, 'run.minWorkers': '2' });
    await join('w1');
    expect((await running.job(pair)).reason).toBe(
      `waits for 2 workers: 2 of 2 connected fit, 1 free; ${long} is running and holds 1`,
    );
    await join('w2');
    await hashOf(running, pair);
    await running.events(
      long,
      ({ workerChanged }) => workerChanged?.change === 'ready' && workerChanged.workerId !== 'w0',
    );
    release();
    await hashOf(running, long);
  });
});
