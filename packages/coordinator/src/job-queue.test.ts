/** Tests of the queue: ends of a job that race. */
import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
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
    run: () =>
      new Promise((resolve) => {
        finish = resolve;
      }),
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  const write = async (): Promise<void> => {
    await settle();
    for (const done of writes.splice(0)) done();
    await settle();
  };
  return { queue, kept, write, settle, finish: (event: JobMachineEvent) => finish(event) };
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
