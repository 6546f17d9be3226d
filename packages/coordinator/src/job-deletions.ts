/** Deletes ended jobs: from the store first, and each once. */
import { LockstepError } from '@lockstep/protocol/core';
import { type DeletionReason, leastMissed } from './core/retention.js';
import type { Job } from './job.js';
import type { JobIndex } from './job-index.js';
import { MAX_JOBS } from './limits.js';
import type { CoordinatorMetrics } from './metrics.js';

/** What jobs are deleted with. */
export interface DeletionOptions {
  readonly jobs: JobIndex;
  /** Settles once a job that has ended has let go of everything; undefined where it has. */
  readonly settled: (job: Job) => Promise<void> | undefined;
  /** Once it settles, the job stays deleted. */
  readonly deleteRecord: (jobId: string) => Promise<void>;
  readonly metrics: CoordinatorMetrics;
}

/** The deletions of one queue. */
export class JobDeletions {
  readonly #options: DeletionOptions;
  readonly #deleting = new Map<Job, Promise<void>>();

  constructor(options: DeletionOptions) {
    this.#options = options;
  }

  /** @throws LockstepError JOB_NOT_FOUND, JOB_NOT_ENDED, OUTPUT_UNWRITABLE where it is still there */
  async delete(jobId: string, why: DeletionReason): Promise<Job> {
    const job = this.#options.jobs.get(jobId);
    if (!job.hasEnded) throw notEnded(job);
    const deleting = this.#deleting.get(job) ?? this.#delete(job, why).finally(() => this.#deleting.delete(job));
    this.#deleting.set(job, deleting);
    await deleting;
    return job;
  }

  /** Deletes a job that has ended where no more can be held. @throws LockstepError QUEUE_FULL when none has */
  async makeRoom(): Promise<void> {
    const { jobs } = this.#options;
    if (!jobs.isFull) return;
    const id = leastMissed(jobs.ended());
    if (id === null) throw new LockstepError('QUEUE_FULL', { value: String(MAX_JOBS) });
    await this.delete(id, 'room');
  }

  async #delete(job: Job, why: DeletionReason): Promise<void> {
    const { jobs, settled, deleteRecord, metrics } = this.#options;
    await settled(job);
    await deleteRecord(job.id);
    jobs.delete(job);
    metrics.queue.jobDeleted(why);
  }
}

function notEnded({ id, phase }: Job): LockstepError {
  const message = `Job ${id} is ${phase.state}: ${phase.reason}`;
  const fix = `Cancel it first: lockstep cancel ${id}`;
  return new LockstepError('JOB_NOT_ENDED', { message, field: 'job_id', value: id, fix });
}
