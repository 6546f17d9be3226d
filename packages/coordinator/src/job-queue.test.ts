/** Tests of the queue: ends of a job that race. */
import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { DirectoryStore } from './adapters/directory-store.js';
import type { JobMachineEvent } from './core/job-machine.js';
import { JobQueue } from './job-queue.js';
import type { JobRecord } from './job-record.js';
import { CoordinatorMetrics } from './metrics.js';
import { SPEC } from './testing/running-coordinator.js';
import { Workforce } from './workforce.js';

const REQUEST = {
  spec: SPEC,
  overrides: {},
  uploads: { 'data.csv': '0' },
  requestId: '',
  format: 'SPEC_FORMAT_YAML' as const,
};

/** A queue whose job ends when the test says, and whose store is as slow as the test lets it. */
function scene() {
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
    clock: { nowMs: () => 0, unixSeconds: () => 0 },
    store: { uploadPath: async () => '/data.csv' } as unknown as DirectoryStore,
    saveRecord,
    earlierEvents: async () => [],
    workforce: new Workforce(nobody, () => {}),
    metrics: new CoordinatorMetrics('0'),
    leadershipEpoch: 1,
    onSubmit: () => {},
    run: (job) =>
      new Promise((resolve) => {
        started.push(job.id);
        finish = resolve;
      }),
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

describe('a queue that is started again', () => {
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
