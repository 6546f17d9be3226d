/** A coordinator from submission to model, with workers that come, go, fail and lie. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobEvent__Output } from '@lockstep/protocol';
import { describe, expect, it, vi } from 'vitest';
import { RunningCoordinator, sha256Of } from './testing/running-coordinator.js';
import { TestWorker, type TestWorkerOptions } from './testing/worker.js';

vi.mock('./limits.js', async (original) => {
  const actual = await original<typeof import('./limits.js')>();
  return { ...actual, ABSENT_MS: 300, PATIENCE: { ...actual.PATIENCE, leastStallMs: 800 } };
});

async function train(
  workers: readonly TestWorkerOptions[],
  overrides: Record<string, string> = {},
): Promise<{ hash: string; running: RunningCoordinator; jobId: string; crew: TestWorker[] }> {
  const running = await RunningCoordinator.start();
  const crew = await Promise.all(
    workers.map((options, index) => TestWorker.join(running.address, `w${index}`, options)),
  );
  const { id } = await running.submit(undefined, {
    overrides: { 'run.workers': String(workers.length), ...overrides },
  });
  const job = await running.ended(id);
  if (job.state !== 'JOB_STATE_SUCCEEDED') throw new Error(`${job.state}: ${job.failure?.code} ${job.reason}`);
  return { hash: job.result?.parametersSha256 ?? '', running, jobId: id, crew };
}

/** What one undisturbed worker makes of the job. */
let reference: Promise<string> | null = null;
function referenceHash(): Promise<string> {
  reference ??= train([{}]).then(({ hash }) => hash);
  return reference;
}

describe('a job', () => {
  it.each([2, 3, 4, 6])('gives the same parameters on %i workers as on one', async (count) => {
    const { hash, crew } = await train(Array.from({ length: count }, () => ({})));
    expect(hash).toBe(await referenceHash());
    expect(crew.filter(({ commands }) => commands.length > 0)).toHaveLength(Math.min(count, 4));
  });

  it('is not held up by a worker that never answers an evaluation', async () => {
    const validated = { 'split.validation': '0.2' };
    const silent: TestWorkerOptions = { neverEvaluates: ({ evaluationId }) => evaluationId > 1 };
    const { running, jobId } = await train([silent, {}], validated);
    const { result } = await running.job(jobId);
    const calm = await train([{}], validated);
    expect(result?.testMetrics).toEqual((await calm.running.job(calm.jobId)).result?.testMetrics);
    expect(result?.parametersSha256).toBe(calm.hash);
  });

  it('leaves a model, metrics and a history that fit together', async () => {
    const { running, jobId, hash } = await train([{}, {}], { 'split.validation': '0.2' });
    const { result, resolvedSpec, progress } = await running.job(jobId);
    const directory = join(running.storeDirectory, 'jobs', jobId);
    const model = await readFile(join(directory, 'model.onnx'));
    expect(sha256Of(model)).toBe(result?.modelSha256);
    expect(model.length).toBe(result?.modelBytes);
    expect(model.includes(hash)).toBe(true);
    expect(await readFile(join(directory, 'spec.yaml'), 'utf8')).toBe(resolvedSpec);
    expect(await readFile(join(directory, 'history.csv'), 'utf8')).toBe(result?.historyCsv);
    expect(result?.historyCsv.split('\n')[0]).toBe(
      'epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,seconds',
    );
    expect(result?.historyCsv.trim().split('\n')).toHaveLength(4);
    expect(JSON.parse(result?.metricsJson ?? '').test).toEqual(result?.testMetrics);
    // Every output is 0.25 and every target 0.
    expect(result?.testMetrics).toMatchObject({ accuracy: 1, loss: 0.25 });
    expect(result).toMatchObject({ lanes: 4, numericClass: 'arithmetic', reproducible: true });
    expect(progress).toMatchObject({ step: progress?.totalSteps, epoch: 3, totalEpochs: 3, workers: 2 });
    const times = result?.processTimes ?? [];
    expect(times.map(({ process, steps }) => [process, steps])).toEqual(
      ['coordinator', 'w0', 'w1'].map((process) => [process, progress?.totalSteps]),
    );
    expect(times.map(({ phaseSeconds }) => Object.keys(phaseSeconds))).toEqual([
      ['command', 'compute', 'reduce', 'update', 'broadcast'],
      ['parameters', 'compute', 'send'],
      ['parameters', 'compute', 'send'],
    ]);
  });

  it('tells its story in events that a late watcher gets too', async () => {
    const { running, jobId } = await train([{}, {}]);
    const events = await running.events(jobId);
    const states = events.flatMap(({ stateChanged }) => (stateChanged ? [stateChanged.state] : []));
    expect(states.filter((state, index) => state !== states[index - 1])).toEqual([
      'JOB_STATE_PENDING',
      'JOB_STATE_PREPARING',
      'JOB_STATE_PENDING',
      'JOB_STATE_RUNNING',
      'JOB_STATE_FINISHING',
      'JOB_STATE_SUCCEEDED',
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    const { step: last } = events.at(-1) as JobEvent__Output;
    const ends = events.flatMap(({ epochEnded, step }) => (epochEnded ? [Number(step) / Number(last)] : []));
    expect(ends).toEqual([1 / 3, 2 / 3, 1]);
    const half = Math.floor(events.length / 2);
    expect(await running.events(jobId, () => false, half)).toEqual(events.slice(half));
  });

  it('counts what it did', async () => {
    const { running } = await train([{}, {}]);
    const text = await running.metrics();
    // 32 rows in batches of 10, three epochs.
    expect(text).toContain('lockstep_steps_total 12\n');
    expect(text).toContain('lockstep_jobs{state="succeeded"} 1\n');
    expect(text).toContain('lockstep_train_loss 0.5\n');
    expect(text).toContain('lockstep_queue_seconds_count 1\n');
    expect(text).toContain('lockstep_goodput_ratio 1\n');
    for (const phase of ['command', 'compute', 'reduce', 'update', 'broadcast']) {
      expect(text).toContain(`lockstep_step_phase_seconds_count{phase="${phase}",worker=""} 12\n`);
    }
  });
});

describe('a job whose workers fail', () => {
  it('goes on in the same step when a worker dies in it, with the same bits', async () => {
    const dies: TestWorkerOptions = { fault: ({ step }) => (step === 5 ? 'die' : null) };
    const { hash, running, jobId, crew } = await train([{}, dies, {}]);
    expect(hash).toBe(await referenceHash());
    const again = crew[0]?.commands.concat(crew[2]?.commands ?? []).filter(({ step }) => step === 5);
    expect(again?.flatMap(({ lanes }) => lanes).sort()).toEqual([0, 1, 2, 3]);
    const notes = (await running.events(jobId)).flatMap(({ note }) => (note ? [note.code] : []));
    expect(notes).toContain('LANES_MOVED');
    const text = await running.metrics();
    expect(text).toContain('lockstep_recovery_seconds_count 1\n');
    expect(text).toMatch(/lockstep_lane_retries_total [12]\n/);
    expect(text).toContain('lockstep_worker_joins_total 3\n');
    expect(text).toMatch(/lockstep_worker_losses_total [123]\n/);
  });

  it('drops a worker that breaks the protocol', async () => {
    const lies: TestWorkerOptions = { fault: ({ step }) => (step === 2 ? 'garbage' : null) };
    const { hash, crew, running, jobId } = await train([{}, lies]);
    expect(hash).toBe(await referenceHash());
    await crew[1]?.ended;
    expect(crew[1]?.commands.at(-1)?.step).toBe(2);
    const lost = (await running.events(jobId)).flatMap(({ workerChanged }) =>
      workerChanged?.change === 'lost' ? [workerChanged.reason] : [],
    );
    expect(lost).toEqual([expect.stringContaining('cannot be used')]);
  });

  it('gives a failed lane to another worker', async () => {
    const fails: TestWorkerOptions = { fault: ({ step }) => (step === 1 ? 'fail' : null) };
    const { hash } = await train([{}, fails]);
    expect(hash).toBe(await referenceHash());
  });

  it('fails when a lane fails again and again', async () => {
    const fails: TestWorkerOptions = { fault: ({ lanes }) => (lanes.includes(3) ? 'fail' : null) };
    await expect(train([fails, fails])).rejects.toThrow('LANE_FAILED');
  });

  it('fails when a lane ends three workers, with its step and rows, and spares the others', async () => {
    const running = await RunningCoordinator.start();
    const dies: TestWorkerOptions = { fault: ({ step, lanes }) => (step === 4 && lanes.includes(2) ? 'die' : null) };
    const crew = await Promise.all([0, 1, 2, 3].map((index) => TestWorker.join(running.address, `w${index}`, dies)));
    const { id } = await running.submit(undefined, { overrides: { 'run.workers': '4' } });
    const { failure } = await running.ended(id);
    expect(failure).toMatchObject({ code: 'POISON_LANE', field: 'lane 2' });
    expect(failure?.message).toMatch(
      /^In step 4, lane 2 \(rows 5 to 6 of the 10 of its global batch\) was lost with 3 of the 3 workers that tried it\./,
    );
    const hit = crew.filter(({ commands }) => commands.some(({ step, lanes }) => step === 4 && lanes.includes(2)));
    expect(hit).toHaveLength(3);
  });

  it('pauses between steps with fewer than run.minWorkers, says so, and ends with the same bits', async () => {
    const running = await RunningCoordinator.start();
    const stays = await TestWorker.join(running.address, 'w0');
    await TestWorker.join(running.address, 'w1', { fault: ({ step }) => (step === 5 ? 'die' : null) });
    const { id } = await running.submit(undefined, { overrides: { 'run.workers': '2', 'run.minWorkers': '2' } });
    const isPause = ({ stateChanged }: JobEvent__Output): boolean =>
      stateChanged?.reason.startsWith('waiting for workers: 1 of at least 2; the last was lost: w1, ') ?? false;
    await running.events(id, isPause);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { state, reason } = await running.job(id);
    expect(state).toBe('JOB_STATE_PENDING');
    expect(reason).toMatch(/^waiting for workers: 1 of at least 2; .* Waits 120 s for more$/);
    expect(Math.max(...stays.commands.map(({ step }) => step))).toBe(5);
    await TestWorker.join(running.address, 'w2');
    expect((await running.ended(id)).result?.parametersSha256).toBe(await referenceHash());
  });

  it('uses a worker that joins in mid-job from the next step on, with the same bits', async () => {
    const running = await RunningCoordinator.start();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let late: TestWorker | null = null;
    await TestWorker.join(running.address, 'early', {
      fault({ step }) {
        if (step !== 3) return null;
        void TestWorker.join(running.address, 'late').then((worker) => {
          late = worker;
          release();
        });
        return 'die';
      },
    });
    const { id } = await running.submit(undefined, { overrides: { 'run.workers': '1' } });
    await held;
    const job = await running.ended(id);
    expect(job.result?.parametersSha256).toBe(await referenceHash());
    expect((late as TestWorker | null)?.commands.map(({ step }) => step)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const waits = (await running.events(id)).flatMap(({ stateChanged }) =>
      stateChanged?.state === 'JOB_STATE_PENDING' ? [stateChanged.reason] : [],
    );
    expect(waits.at(-1)).toMatch(/^0 of 1 workers are ready; the last was lost: early, .* Waits 120 s for one$/);
  });

  it('fails with what every worker refused its plan with', async () => {
    const refuse = { code: 'ENGINE_LOAD_FAILED', message: 'no such operator' };
    await expect(train([{ refuse }, { refuse }])).rejects.toThrow('ENGINE_LOAD_FAILED no such operator');
  });

  it('leaves a worker of another numeric class out', async () => {
    const running = await RunningCoordinator.start();
    await TestWorker.join(running.address, 'w0');
    const other = await TestWorker.join(running.address, 'w1', { numericClass: 'other' });
    const { id } = await running.submit(undefined, { overrides: { 'run.workers': '2' } });
    await running.events(id, ({ workerChanged }) => workerChanged?.change === 'refused');
    await TestWorker.join(running.address, 'w2');
    const job = await running.ended(id);
    expect(job.result?.parametersSha256).toBe(await referenceHash());
    expect(other.commands).toEqual([]);
  });
});

describe('a worker that is slow', () => {
  it('is helped by an idle one within the step, and gets no lane before it has answered', async () => {
    const hangs: TestWorkerOptions = { fault: ({ step }) => (step >= 4 ? 'silence' : null) };
    const { hash, running, jobId, crew } = await train([hangs, {}]);
    expect(hash).toBe(await referenceHash());
    expect(crew[0]?.commands.at(-1)?.step).toBe(4);
    const notes = (await running.events(jobId)).flatMap(({ note }) => (note ? [note.message] : []));
    expect(notes).toContainEqual(expect.stringMatching(/of w0, which takes more than 100 ms, also go to w1$/));
  });

  it('counts again once it has answered', async () => {
    const late: TestWorkerOptions = { fault: ({ step }) => (step === 4 ? 'late' : null) };
    const slow: TestWorkerOptions = { fault: ({ step }) => (step > 5 && step < 9 ? 'late' : null) };
    const { hash, crew } = await train([late, slow], { 'train.epochs': '8' });
    const calm = await train([{}], { 'train.epochs': '8' });
    expect(hash).toBe(calm.hash);
    expect(crew[0]?.commands.some(({ step }) => step > 4)).toBe(true);
  });
});

describe('a step that a worker never answers', () => {
  it('is told of by worker, lanes and phase while it lasts, and counted', async () => {
    const running = await RunningCoordinator.start();
    await TestWorker.join(running.address, 'w0', { fault: ({ step }) => (step === 4 ? 'silence' : null) });
    const { id } = await running.submit(undefined, { overrides: { 'run.workers': '1' } });
    const events = await running.events(id, ({ stepStalled }) => Boolean(stepStalled));
    const stall = events.at(-1)?.stepStalled;
    expect(stall).toMatchObject({ workerId: 'w0', lanes: [0, 1, 2, 3], phase: 'compute', deadlineSeconds: 0.8 });
    expect(stall?.waitedSeconds).toBeGreaterThanOrEqual(0.8);
    const { activity } = await running.job(id);
    expect(activity?.workers).toMatchObject([{ workerId: 'w0', lanes: [0, 1, 2, 3], steps: 4, phase: 'compute' }]);
    expect(activity).toMatchObject({ steps: 4, stall: { workerId: 'w0', phase: 'compute' } });
    expect(await running.metrics()).toContain('lockstep_stalled_steps_total 1\n');
    await running.call('cancelJob', { jobId: id, reason: 'enough' });
    expect((await running.ended(id)).activity).toBeNull();
  });
});

describe('a cancelled job', () => {
  it('ends at once, lets its workers go and makes room for the next', async () => {
    const running = await RunningCoordinator.start();
    const worker = await TestWorker.join(running.address, 'w0', {
      fault: ({ step }) => (step === 4 ? 'silence' : null),
    });
    const overrides = { 'run.workers': '1' };
    const first = await running.submit(undefined, { overrides });
    await running.events(first.id, ({ stateChanged }) => stateChanged?.state === 'JOB_STATE_RUNNING');
    const second = await running.submit(undefined, { overrides: { ...overrides, 'train.epochs': '1' } });
    expect(second).toMatchObject({
      state: 'JOB_STATE_PENDING',
      reason: `waits for 1 worker: 1 of 1 connected fit, 0 free; ${first.id} is running and holds 1`,
    });
    await running.call('cancelJob', { jobId: first.id, reason: 'changed my mind' });
    expect(await running.ended(first.id)).toMatchObject({ state: 'JOB_STATE_CANCELLED', reason: 'changed my mind' });
    expect((await running.ended(second.id)).state).toBe('JOB_STATE_SUCCEEDED');
    expect(worker.received.flatMap(({ jobEnded }) => (jobEnded ? [jobEnded.jobId] : []))).toContain(first.id);
  });
});
