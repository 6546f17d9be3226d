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
});
