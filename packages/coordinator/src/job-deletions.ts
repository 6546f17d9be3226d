/** Deletes ended jobs: from the store first, and each once. */
import { LockstepError } from '@lockstep/protocol/core';
import { type DeletionReason, leastMissed } from './core/retention.js';
import type { Job } from './job.js';
import type { JobIndex } from './job-index.js';
import { ENDED_GRACE_S, MAX_JOBS, MAX_ROOM_TRIES } from './limits.js';
import type { CoordinatorMetrics } from './metrics.js';
import type { Clock } from './ports.js';

/** What jobs are deleted with. */
export interface DeletionOptions {
  readonly clock: Pick<Clock, 'unixSeconds'>;
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
  /** Jobs that could not be deleted when room was needed: others come first. */
  readonly #stuck = new Set<string>();
  /** Places of jobs that are being taken. */
  #reserved = 0;

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

  /**
   * Takes a job of a namespace in a place of its own; where no more can be held, one that has ended goes for it.
   * @param take puts the job into the index, and leaves the place as it does so
   * @throws LockstepError QUEUE_FULL when none may go, OUTPUT_UNWRITABLE where those that may are still there
   */
  async withRoom<Taken>(namespace: string, take: (leave: () => void) => Promise<Taken>): Promise<Taken> {
    await this.#reserve(namespace);
    let isReserved = true;
    const leave = (): void => {
      if (isReserved) this.#reserved--;
      isReserved = false;
    };
    try {
      return await take(leave);
    } finally {
      leave();
    }
  }

  /** Deletes jobs until there is a place, and takes it. */
  async #reserve(namespace: string): Promise<void> {
    const tried = new Map<string, unknown>();
    // A place that becomes free may be taken by another one meanwhile.
    while (this.#options.jobs.size + this.#reserved >= MAX_JOBS) {
      const id = tried.size < MAX_ROOM_TRIES ? this.#leastMissed(namespace, tried) : null;
      if (id === null) throw [...tried.values()].at(-1) ?? new LockstepError('QUEUE_FULL', { value: String(MAX_JOBS) });
      await this.delete(id, 'room').catch((cause: unknown) => {
        this.#stuck.add(id);
        tried.set(id, cause);
      });
    }
    this.#reserved++;
  }

  #leastMissed(namespace: string, tried: ReadonlyMap<string, unknown>): string | null {
    const { jobs, clock } = this.#options;
    const going = new Set([...this.#deleting.keys()].map(({ id }) => id));
    const room = { namespace, nowUnixSeconds: clock.unixSeconds(), graceSeconds: ENDED_GRACE_S };
    const ended = jobs.ended();
    const mayGo = (id: string): boolean => !going.has(id) && !tried.has(id);
    return (
      leastMissed(ended, { ...room, mayGo: (id) => mayGo(id) && !this.#stuck.has(id) }) ??
      leastMissed(ended, { ...room, mayGo })
    );
  }

  async #delete(job: Job, why: DeletionReason): Promise<void> {
    const { jobs, settled, deleteRecord, metrics } = this.#options;
    await settled(job);
    await deleteRecord(job.id);
    this.#stuck.delete(job.id);
    jobs.delete(job);
    metrics.queue.jobDeleted(why);
  }
}

function notEnded({ id, phase }: Job): LockstepError {
  const message = `Job ${id} is ${phase.state}: ${phase.reason}`;
  const fix = `Cancel it first: lockstep cancel ${id}`;
  return new LockstepError('JOB_NOT_ENDED', { message, field: 'job_id', value: id, fix });
}
