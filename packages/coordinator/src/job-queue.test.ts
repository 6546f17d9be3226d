/** Tests of the queue: ends of a job that race. */
import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DirectoryStore } from './adapters/directory-store.js';
import type { JobMachineEvent } from './core/job-machine.js';
import { LOCAL } from './core/principal.js';
import type { Job } from './job.js';
import { JobQueue } from './job-queue.js';
import type { JobRecord } from './job-record.js';
import { FIRST_RETRY_MS } from './limits.js';
import { CoordinatorMetrics } from './metrics.js';
import { JobCalls } from './services/job-calls.js';
import { SPEC } from './testing/running-coordinator.js';
import { Workforce } from './workforce.js';

const REQUEST = {
  spec: SPEC,
  overrides: {},
  uploads: { 'data.csv': '0' },
  requestId: '',
  namespace: '',
  format: 'SPEC_FORMAT_YAML' as const,
};

/** A queue whose job ends when the test says, and whose store is as slow as the test lets it. */
function scene(attempt?: (job: Job) => Promise<JobMachineEvent>, unixSeconds = () => 0) {
  const kept: JobRecord[] = [];
  const writes: (() => void)[] = [];
  const saveRecord = (record: JobRecord): Promise<void> =>
    new Promise((resolve) => {
      writes.push(() => {
        kept.push(record);
        resolve();
      });
    });
  const nobody = { sessions: [], listen: () => () => {} };
  const started: string[] = [];
  let finish: (event: JobMachineEvent) => void = () => {};
  const queue = new JobQueue({
    clock: { nowMs: () => 0, unixSeconds },
    store: { uploadPath: async () => '/data.csv', holdUploads: () => () => {} } as unknown as DirectoryStore,
    saveRecord,
    deleteRecord: async () => {},
    earlierEvents: async () => [],
    workforce: new Workforce(nobody, () => {}),
    metrics: new CoordinatorMetrics('0'),
    leadershipEpoch: 1,
    onSubmit: () => {},
    run: (job) => {
      started.push(job.id);
      if (attempt) return attempt(job);
      return new Promise((resolve) => {
        finish = resolve;
      });
    },
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  const write = async (from = 0): Promise<void> => {
    await settle();
    for (const done of writes.splice(from)) done();
    await settle();
  };
  return { queue, kept, started, write, settle, finish: (event: JobMachineEvent) => finish(event) };
}

describe('a job that is cancelled as it succeeds', () => {
  it.each(['cancelled', 'succeeded'] as const)(
    'is %s where that came first, in the store and in memory',
    async (first) => {
      const { queue, kept, write, settle, finish } = scene();
      const submitted = queue.submit(REQUEST);
      await write();
      const job = await submitted;
      job.result = { parametersSha256: 'known' } as NonNullable<typeof job.result>;
      if (first === 'succeeded') finish({ type: 'succeeded', what: 'done' });
      await settle();
      const cancelled = queue.cancel(job.id, 'no more');
      if (first === 'cancelled') finish({ type: 'failed', error: new LockstepError('JOB_CANCELLED') });
      await write();
      await write();
      expect((await cancelled).phase.state).toBe(first);
      expect(kept.map(({ state }) => state)).toEqual(['pending', first]);
      // What was computed by then is a result only of a job that succeeded, as in its record.
      expect(job.toMessage().result).toEqual(first === 'succeeded' ? job.result : null);
    },
  );
});

describe('a job that waits', () => {
  it('never starts once it is cancelled, also where that is slow to write', async () => {
    const { queue, started, write, settle, finish } = scene();
    const submitted = ['first', 'second'].map((name) => queue.submit({ ...REQUEST, overrides: { name } }));
    await write();
    const [first, second] = await Promise.all(submitted);
    const cancelled = queue.cancel(second!.id, 'no more');
    await settle();
    finish({ type: 'succeeded', what: 'done' });
    await write(1);
    await write();
    expect((await cancelled).phase.state).toBe('cancelled');
    expect(started).toEqual([first!.id]);
  });

  it('is left to the next coordinator when its deadline passes after this one has closed', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { queue, kept, write, finish } = scene();
    const submitted = ['first', 'second'].map((name) =>
      queue.submit({ ...REQUEST, overrides: { name, 'run.deadlineSeconds': '5' } }),
    );
    await write();
    const [, second] = await Promise.all(submitted);
    void queue.close('it stops');
    finish({ type: 'succeeded', what: 'done' });
    await vi.advanceTimersByTimeAsync(6000);
    await write();
    expect(second!.phase.state).toBe('pending');
    expect(kept.map(({ state }) => state)).toEqual(['pending', 'pending']);
  });
});

/** An attempt that runs until it is told to end. */
function untilTold(job: Job): Promise<JobMachineEvent> {
  job.advance({ type: 'running', what: 'one worker' });
  return new Promise((_, reject) => {
    job.cancellation.signal.addEventListener('abort', () => reject(job.cancellation.signal.reason));
  });
}

describe('a job that is suspended', () => {
  async function suspended(attempt?: (job: Job) => Promise<JobMachineEvent>) {
    const parts = scene(attempt);
    const submitted = parts.queue.submit(REQUEST);
    await parts.write();
    const job = await submitted;
    const answer = parts.queue.suspend(job.id, 'the cluster is full');
    await parts.write();
    return { ...parts, job: await answer };
  }

  it('lets go, is recorded as such, does not start by itself, and goes on when it is resumed', async () => {
    const { queue, kept, started, write, job } = await suspended(untilTold);
    expect(job.phase).toEqual({ state: 'suspended', reason: 'the cluster is full' });
    queue.workersChanged();
    expect([kept.map(({ state }) => state), started.length]).toEqual([['pending', 'suspended'], 1]);
    const answers = [queue.resume(job.id), queue.resume(job.id)];
    await write();
    await Promise.all(answers);
    await write();
    expect([started, job.phase.state]).toEqual([[job.id, job.id], 'running']);
    expect(kept.at(-1)?.state).toBe('pending');
  });

  it('stays so where it waited, and when the coordinator starts again', async () => {
    const { queue, kept, started, write } = scene();
    const submitted = ['first', 'second'].map((name) => queue.submit({ ...REQUEST, overrides: { name } }));
    await write();
    const [, second] = await Promise.all(submitted);
    const answer = queue.suspend(second!.id, '');
    await write();
    expect((await answer).phase).toEqual({ state: 'suspended', reason: 'suspended by a client' });
    const again = scene();
    again.queue.restore(kept, () => {});
    await again.settle();
    expect(again.queue.get(second!.id).phase.state).toBe('suspended');
    expect([started, again.started]).toEqual([started, started]);
  });

  it('is cancelled like any other, and its deadline passes', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { queue, write } = scene();
    const submit = (name: string) => queue.submit({ ...REQUEST, overrides: { name, 'run.deadlineSeconds': '5' } });
    const submitted = ['runs', 'gone', 'late'].map(submit);
    await write();
    const [, gone, late] = await Promise.all(submitted);
    for (const job of [gone!, late!]) void queue.suspend(job.id, '');
    await write();
    void queue.cancel(gone!.id, 'no more');
    await write();
    expect(gone!.phase).toEqual({ state: 'cancelled', reason: 'no more' });
    await vi.advanceTimersByTimeAsync(5000);
    await write();
    expect(late!.toMessage().failure).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
  });

  it('goes on where it is resumed before it has let go', async () => {
    let letGo = (): void => {};
    const { queue, started, write, settle } = scene((job) => {
      if (started.length > 1) return untilTold(job);
      job.advance({ type: 'running', what: 'one worker' });
      return new Promise((_, reject) => {
        letGo = () => reject(job.cancellation.signal.reason);
      });
    });
    const submitted = queue.submit(REQUEST);
    await write();
    const job = await submitted;
    for (const change of [() => queue.suspend(job.id, ''), () => queue.resume(job.id)]) {
      void change();
      await write();
    }
    letGo();
    await settle();
    queue.workersChanged();
    await settle();
    expect([started.length, job.phase.state]).toEqual([2, 'running']);
  });

  it('is left at its end where that is being recorded', async () => {
    const { queue, kept, write, settle, finish } = scene();
    const submitted = queue.submit(REQUEST);
    await write();
    const job = await submitted;
    finish({ type: 'failed', error: new LockstepError('LANE_FAILED') });
    await settle();
    const answers = [queue.suspend(job.id, ''), queue.resume(job.id)];
    await write();
    await Promise.all(answers);
    expect([job.phase.state, kept.map(({ state }) => state)]).toEqual(['failed', ['pending', 'failed']]);
  });

  it('keeps its place where that cannot be recorded', async () => {
    const { queue, started, finish, settle, write } = scene();
    const submitted = ['first', 'second'].map((name) => queue.submit({ ...REQUEST, overrides: { name } }));
    await write();
    const [, second] = await Promise.all(submitted);
    vi.spyOn(second!, 'toRecord').mockImplementationOnce(() => {
      throw new LockstepError('DISK_FULL');
    });
    await expect(queue.suspend(second!.id, '')).rejects.toMatchObject({ code: 'DISK_FULL' });
    finish({ type: 'succeeded', what: 'done' });
    await write();
    await settle();
    expect(started.at(-1)).toBe(second!.id);
  });
});

describe('the workers that jobs ask for', () => {
  it('are those of each job that has not ended, by device, and never more than its lanes', async () => {
    const { queue, write, finish, settle } = scene();
    const wanted = (): object => Object.fromEntries([...queue.workersWanted()].filter(([, count]) => count > 0));
    expect([...queue.workersWanted().keys()]).toEqual(['auto', 'cpu', 'cuda', 'webgpu']);
    const submitted = [
      { 'run.workers': '3' },
      { 'run.workers': '9', 'train.lanes': '4' },
      { 'run.workers': '2', 'run.device': 'cpu' },
    ].map((overrides) => queue.submit({ ...REQUEST, overrides }));
    await write();
    const jobs = await Promise.all(submitted);
    expect(wanted()).toEqual({ auto: 7, cpu: 2 });
    finish({ type: 'succeeded', what: 'done' });
    await write();
    await settle();
    expect(jobs[0]!.phase.state).toBe('succeeded');
    expect(wanted()).toEqual({ auto: 4, cpu: 2 });
  });
});

describe('the time that a job may wait for workers', () => {
  const error = { code: 'JOB_QUEUE_TIMEOUT', field: 'run.queueTimeoutSeconds', value: '5' };

  it('counts from its submission for each, whatever is before it', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { queue, started, write } = scene();
    const submit = async (name: string, seconds: string): Promise<Job> => {
      const job = queue.submit({ ...REQUEST, overrides: { name, 'run.queueTimeoutSeconds': seconds } });
      await write();
      return job;
    };
    const jobs = [await submit('runs', '60'), await submit('head', '60'), await submit('next', '5')];
    await vi.advanceTimersByTimeAsync(4000);
    jobs.push(await submit('last', '5'));
    await vi.advanceTimersByTimeAsync(1500);
    await write();
    const states = (): string[] => jobs.map(({ phase }) => phase.state);
    expect([started.length, states()]).toEqual([1, ['pending', 'pending', 'failed', 'pending']]);
    const why = '2nd in the queue: waits for 1 worker: 0 of 0 connected fit';
    expect(jobs[2]!.toMessage().failure).toMatchObject({ ...error, message: expect.stringContaining(`: ${why}.`) });
    await vi.advanceTimersByTimeAsync(4000);
    await write();
    expect(states()).toEqual(['pending', 'pending', 'failed', 'failed']);
  });

  it('counts anew from a retry, not while it has run', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { queue, started, write } = scene(async (job) => {
      if (started.length === 1) {
        job.advance({ type: 'running', what: 'one worker' });
        await new Promise((resolve) => setTimeout(resolve, 60_000));
        throw new LockstepError('JOB_WORKERS_LOST');
      }
      return new Promise((_, reject) => {
        job.cancellation.signal.addEventListener('abort', () => reject(job.cancellation.signal.reason));
      });
    });
    const overrides = { 'run.queueTimeoutSeconds': '5', 'run.retries': '1' };
    const submitted = queue.submit({ ...REQUEST, overrides });
    await write();
    const job = await submitted;
    await vi.advanceTimersByTimeAsync(60_000 + FIRST_RETRY_MS + 4000);
    await write();
    expect([started.length, job.phase.state]).toEqual([2, 'pending']);
    await vi.advanceTimersByTimeAsync(1000);
    await write();
    expect([job.phase.state, job.toMessage().failure]).toMatchObject(['failed', error]);
  });
});

describe('a queue that is started again', () => {
  it('lists jobs in the order of their submission, however the clock was set between them', async () => {
    let seconds = 0;
    const before = scene(undefined, () => seconds);
    const after = scene(undefined, () => seconds);
    const ids: string[] = [];
    const submit = async ({ queue, write }: typeof before): Promise<void> => {
      const submitted = queue.submit(REQUEST);
      await write();
      ids.push((await submitted).id);
    };
    for (seconds of [5000, 5000, 1000]) await submit(before);
    after.queue.restore(before.kept, () => {});
    for (seconds of [900, 5001, 5001]) await submit(after);
    expect(after.queue.jobs.list().map(({ id }) => id)).toEqual([...ids].reverse());
    const { jobs, nextPageToken } = new JobCalls(after.queue).list(LOCAL, {
      pageSize: 4,
      pageToken: '',
      namespace: '',
    });
    expect(jobs.map(({ id }) => id)).toEqual([...ids].reverse().slice(0, 4));
    const rest = new JobCalls(after.queue).list(LOCAL, { pageSize: 4, pageToken: nextPageToken, namespace: '' });
    expect(rest.jobs.map(({ id }) => id)).toEqual([...ids].reverse().slice(4));
    expect(jobs.map(({ createdUnixSeconds }) => createdUnixSeconds)).toEqual([5001, 5001, 900, 1000]);
  });

  it('tells of a job whose spec it refuses, and goes on with the others', async () => {
    const { queue, kept, started, write } = scene();
    const submitted = queue.submit(REQUEST);
    await write();
    await submitted;
    const [record] = kept;
    const again = scene();
    const lost: string[] = [];
    again.queue.restore([{ ...record!, id: 'old', spec: 'name: old' }, record!], (id, why) =>
      lost.push(`${id} ${why}`),
    );
    await again.settle();
    expect(lost).toEqual([expect.stringMatching(/^old .*data: /)]);
    expect(again.started).toEqual(started);
  });
});
