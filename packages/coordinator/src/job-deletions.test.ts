/** Tests of who is deleted: ended jobs that have let go of everything, and no other namespace's where no more can be held. */
import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it, vi } from 'vitest';
import type { Job } from './job.js';
import { JobDeletions } from './job-deletions.js';
import { JobIndex } from './job-index.js';
import { ENDED_GRACE_S, MAX_JOBS, MAX_ROOM_TRIES } from './limits.js';
import { CoordinatorMetrics } from './metrics.js';

vi.mock('./limits.js', async (original) => ({
  ...(await original<typeof import('./limits.js')>()),
  MAX_JOBS: 100,
}));

const NOW = 100_000;

function jobOf(id: string, namespace: string, state = 'succeeded', endedUnixSeconds = 0): Job {
  const submission = {
    namespace,
    requestId: `r-${id}`,
    dataFiles: [{ name: 'data.csv', sha256: `data of ${namespace}` }],
  };
  const hasEnded = state === 'succeeded';
  const phase = { state, reason: 'so it is' };
  return { id, submission, phase, hasEnded, updatedUnixSeconds: endedUnixSeconds } as unknown as Job;
}

function scene(settled: (job: Job) => Promise<void> | undefined = () => undefined) {
  const jobs = new JobIndex();
  const kept = new Set<string>();
  const metrics = new CoordinatorMetrics('0');
  let [going, most] = [0, 0];
  const deleteRecord = async (id: string): Promise<void> => {
    most = Math.max(most, ++going);
    await new Promise(setImmediate);
    going--;
    if (!kept.delete(id)) throw new LockstepError('OUTPUT_UNWRITABLE', { message: 'it is not there' });
  };
  const add = (...added: Job[]): void => {
    for (const job of added) {
      jobs.add(job);
      kept.add(job.id);
    }
  };
  const deleted = async (): Promise<object> => {
    const { values } = (await metrics.registry.getSingleMetric('lockstep_jobs_deleted_total')?.get()) ?? { values: [] };
    return Object.fromEntries(values.flatMap(({ labels, value }) => (value > 0 ? [[labels.why, value]] : [])));
  };
  const clock = { unixSeconds: () => NOW };
  const deletions = new JobDeletions({ clock, jobs, settled, deleteRecord, metrics });
  let count = 0;
  /** Takes a job that runs, as slowly as a disk does. */
  const take = (namespace = 'mine'): Promise<void> =>
    deletions.withRoom(namespace, async (leave) => {
      await new Promise(setImmediate);
      leave();
      add(jobOf(`taken-${count++}`, namespace, 'running'));
    });
  const fill = (state: string, endedUnixSeconds = 5): void => {
    for (let index = jobs.size; index < MAX_JOBS; index++)
      add(jobOf(`t-${index}`, 'theirs', state, endedUnixSeconds + index));
  };
  return { jobs, kept, add, deleted, deletions, take, fill, mostAtOnce: () => most };
}

describe('a deletion', () => {
  it('waits until the job has let go of everything, and is one however often it is asked for', async () => {
    let end = (): void => {};
    const running = new Promise<void>((resolve) => {
      end = resolve;
    });
    const { deletions, add, kept, jobs, deleted } = scene(() => running);
    add(jobOf('a', 'n'));
    const both = [deletions.delete('a', 'request'), deletions.delete('a', 'age')];
    await Promise.resolve();
    expect([kept.has('a'), jobs.namesUpload('data of n')]).toEqual([true, true]);
    end();
    await Promise.all(both);
    expect([kept.has('a'), jobs.list(), jobs.namesUpload('data of n')]).toEqual([false, [], false]);
    expect(await deleted()).toEqual({ request: 1 });
  });

  it('is refused for a job that has not ended', async () => {
    const { deletions, add, kept } = scene();
    add(jobOf('a', 'n', 'suspended'));
    await expect(deletions.delete('a', 'request')).rejects.toMatchObject({
      ...{ code: 'JOB_NOT_ENDED', message: 'Job a is suspended: so it is', fix: 'Cancel it first: lockstep cancel a' },
    });
    await expect(deletions.delete('b', 'request')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    expect(kept.has('a')).toBe(true);
  });

  it('leaves a job in the list that the store could not delete', async () => {
    const { deletions, add, kept, jobs, deleted } = scene();
    add(jobOf('a', 'n'));
    kept.clear();
    await expect(deletions.delete('a', 'age')).rejects.toThrow('it is not there');
    expect([jobs.list().length, await deleted()]).toEqual([1, {}]);
  });

  it('makes room in the namespace that has the most ended jobs, and only where no more can be held', async () => {
    const { add, take, fill, kept, deleted, deletions } = scene();
    add(jobOf('mine-1', 'mine', 'succeeded', 1), jobOf('runs', 'theirs', 'running'));
    fill('succeeded');
    await deletions.delete('t-99', 'request');
    await take();
    expect([kept.size, await deleted()]).toEqual([MAX_JOBS, { request: 1 }]);
    await take();
    expect([kept.size, kept.has('mine-1'), kept.has('runs'), kept.has('t-2')]).toEqual([MAX_JOBS, true, true, false]);
    expect(await deleted()).toEqual({ request: 1, room: 1 });
  });

  it('makes as much room as jobs come at once, one place for each, and side by side', async () => {
    const { take, fill, jobs, deleted, deletions, mostAtOnce } = scene();
    fill('succeeded');
    for (const id of ['t-1', 't-2']) await deletions.delete(id, 'request');
    await Promise.all(Array.from({ length: 30 }, () => take()));
    expect([jobs.size, await deleted(), mostAtOnce()]).toEqual([MAX_JOBS, { request: 2, room: 28 }, 28]);
  });

  it('makes room for no more jobs than there is room', async () => {
    const { take, fill, add, jobs } = scene();
    for (let index = 0; index < 20; index++) add(jobOf(`ended-${index}`, 'theirs', 'succeeded', 1));
    fill('running');
    const all = await Promise.allSettled(Array.from({ length: 30 }, () => take()));
    expect(all.filter(({ status }) => status === 'fulfilled').length).toBe(20);
    expect(jobs.size).toBe(MAX_JOBS);
  });

  it('gives the place back of a job that could not be taken', async () => {
    const { take, fill, deletions, kept } = scene();
    fill('succeeded');
    const failing = deletions.withRoom('mine', () => Promise.reject(new Error('no space')));
    await expect(failing).rejects.toThrow('no space');
    expect(kept.size).toBe(MAX_JOBS - 1);
    await take();
    expect(kept.size).toBe(MAX_JOBS);
  });

  it('makes none where no job has ended, or not long enough ago', async () => {
    const { take, fill } = scene();
    fill('running');
    await expect(take()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    const other = scene();
    other.fill('succeeded', NOW - ENDED_GRACE_S);
    await expect(other.take()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
    expect(other.kept.size).toBe(MAX_JOBS);
  });

  it('takes the next job where one cannot be deleted, and that one at once from then on', async () => {
    const { take, fill, kept } = scene();
    fill('succeeded');
    const stuck = ['t-0', 't-1', 't-2'];
    for (const id of stuck) kept.delete(id);
    for (let count = 0; count < 5; count++) await take();
    expect([kept.has('t-7'), kept.has('t-8'), kept.size]).toEqual([false, true, MAX_JOBS - stuck.length]);
  });

  it('says why where none of those can be deleted that should make room', async () => {
    const { take, fill, kept } = scene();
    fill('succeeded');
    for (let index = 0; index < MAX_ROOM_TRIES; index++) kept.delete(`t-${index}`);
    await expect(take()).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
    await take();
    expect(kept.has(`t-${MAX_ROOM_TRIES}`)).toBe(false);
    const other = scene();
    other.add(jobOf('only', 'theirs'));
    other.fill('running');
    other.kept.delete('only');
    for (let count = 0; count < 2; count++)
      await expect(other.take()).rejects.toMatchObject({ code: 'OUTPUT_UNWRITABLE' });
  });
});
