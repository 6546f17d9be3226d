/** The jobs that a coordinator knows, by their id and by the request that submitted them. */
import { LockstepError } from '@lockstep/protocol/core';
import { JOB_STATES } from './core/job-machine.js';
import type { EndedJob } from './core/retention.js';
import type { Job } from './job.js';

/** Least step of the clock. */
const STEP_SECONDS = 0.001;

/** What a job was submitted by. */
export interface JobRequest {
  readonly namespace: string;
  readonly requestId: string;
  /** Of what was submitted. */
  readonly fingerprint: string;
}

/** Ended ones included. */
export class JobIndex {
  readonly #jobs = new Map<string, Job>();
  /** How many jobs name each upload. */
  readonly #uploads = new Map<string, number>();
  readonly #byRequest = new Map<string, { fingerprint: string; job: Promise<Job> }>();
  /** Place of the newest, also where it was deleted since. */
  #newest = Number.NEGATIVE_INFINITY;

  /** All jobs, newest first. */
  list(): readonly Job[] {
    return [...this.#jobs.values()].reverse();
  }

  /**
   * A job.
   * @param isSeen whether the caller sees a namespace; a job of another one is as if it were not there
   * @throws LockstepError JOB_NOT_FOUND
   */
  get(jobId: string, isSeen: (namespace: string) => boolean = () => true): Job {
    const job = this.#jobs.get(jobId);
    if (job && isSeen(job.submission.namespace)) return job;
    const message = `There is no job ${JSON.stringify(jobId)}.`;
    throw new LockstepError('JOB_NOT_FOUND', { message, field: 'job_id', value: jobId });
  }

  /** The place of a job that is taken now: after all others, as lists and turns follow it. */
  afterAll(nowUnixSeconds: number): number {
    this.#newest = Math.max(nowUnixSeconds, this.#newest + STEP_SECONDS);
    return this.#newest;
  }

  add(job: Job): void {
    this.#jobs.set(job.id, job);
    this.#newest = Math.max(this.#newest, job.order);
    this.#count(job.submission, 1);
  }

  /**
   * The job of a request; the same request id gives the same job of a namespace.
   * @param admit takes the job, where the request is new
   * @throws LockstepError REQUEST_ID_REUSED, or what `admit` throws
   */
  submitted({ namespace, requestId, fingerprint }: JobRequest, admit: () => Promise<Job>): Promise<Job> {
    if (!requestId) return admit();
    const key = requestKey(namespace, requestId);
    const known = this.#byRequest.get(key);
    if (known?.fingerprint === fingerprint) return known.job;
    if (known) throw new LockstepError('REQUEST_ID_REUSED', { field: 'request_id', value: requestId });
    const job = admit();
    this.#byRequest.set(key, { fingerprint, job });
    // A request that was refused may be mended and sent again.
    job.catch(() => this.#byRequest.delete(key));
    return job;
  }

  /** Keeps which request submitted a job that an earlier coordinator took; of two with one request id the later counts. */
  remember({ namespace, requestId, fingerprint }: JobRequest, job: Job): void {
    if (requestId) this.#byRequest.set(requestKey(namespace, requestId), { fingerprint, job: Promise.resolve(job) });
  }

  /** Jobs by state, every state named. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>(JOB_STATES.map((state) => [state, 0]));
    for (const { phase } of this.#jobs.values()) counts.set(phase.state, (counts.get(phase.state) ?? 0) + 1);
    return counts;
  }

  /** How many it holds. */
  get size(): number {
    return this.#jobs.size;
  }

  /** Jobs that have ended. */
  ended(): readonly EndedJob[] {
    return [...this.#jobs.values()].flatMap((job) => {
      const { id, updatedUnixSeconds, submission } = job;
      return job.hasEnded ? [{ id, namespace: submission.namespace, endedUnixSeconds: updatedUnixSeconds }] : [];
    });
  }

  /** Whether a job names an upload. */
  namesUpload(sha256: string): boolean {
    return (this.#uploads.get(sha256) ?? 0) > 0;
  }

  /** Forgets a job, and the request that submitted it. */
  delete({ id, submission }: Job): void {
    if (!this.#jobs.delete(id)) return;
    this.#count(submission, -1);
    const key = requestKey(submission.namespace, submission.requestId);
    const isShared = [...this.#jobs.values()].some(
      ({ submission: { namespace, requestId } }) => requestKey(namespace, requestId) === key,
    );
    if (!isShared) this.#byRequest.delete(key);
  }

  #count({ dataFiles }: Job['submission'], more: number): void {
    for (const { sha256 } of dataFiles) {
      const count = (this.#uploads.get(sha256) ?? 0) + more;
      if (count > 0) this.#uploads.set(sha256, count);
      else this.#uploads.delete(sha256);
    }
  }
}

function requestKey(namespace: string, requestId: string): string {
  return `${namespace}/${requestId}`;
}
