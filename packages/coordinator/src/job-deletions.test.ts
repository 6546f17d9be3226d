/** Tests of who is deleted: ended jobs that have let go of everything, and no other namespace's where no more can be held. */
import { describe, expect, it } from 'vitest';
import type { Job } from './job.js';
import { JobDeletions } from './job-deletions.js';
import { JobIndex } from './job-index.js';
import { MAX_JOBS } from './limits.js';
import { CoordinatorMetrics } from './metrics.js';

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
  const deleteRecord = async (id: string): Promise<void> => {
    if (!kept.delete(id)) throw new Error('it is not there');
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
  return { jobs, kept, add, deleted, deletions: new JobDeletions({ jobs, settled, deleteRecord, metrics }) };
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
    const { deletions, add, jobs, kept, deleted } = scene();
    add(jobOf('mine-1', 'mine', 'succeeded', 1), jobOf('runs', 'theirs', 'running'));
    for (let index = kept.size; index < MAX_JOBS - 1; index++)
      add(jobOf(`t-${index}`, 'theirs', 'succeeded', 5 + index));
    await deletions.makeRoom();
    expect(kept.size).toBe(MAX_JOBS - 1);
    add(jobOf('mine-2', 'mine', 'running'));
    await deletions.makeRoom();
    expect([kept.size, kept.has('mine-1'), kept.has('runs'), kept.has('t-2'), jobs.isFull]).toEqual([
      ...[MAX_JOBS - 1, true, true, false, false],
    ]);
    expect(await deleted()).toEqual({ room: 1 });
  });

  it('makes none where no job has ended', async () => {
    const { deletions, add } = scene();
    for (let index = 0; index < MAX_JOBS; index++) add(jobOf(`${index}`, 'n', 'running'));
    await expect(deletions.makeRoom()).rejects.toMatchObject({ code: 'QUEUE_FULL' });
  });
});
