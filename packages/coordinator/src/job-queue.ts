/** All jobs of a coordinator: submit once per request id, run one after another, cancel, list. */
import { randomInt } from 'node:crypto';
import type { SubmitJobRequest__Output } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec, type ResolvedJobSpec, resolvedSpecYaml } from '@lockstep/spec';
import type { DirectoryStore } from './adapters/directory-store.js';
import { JOB_STATES, type JobMachineEvent } from './core/job-machine.js';
import { Job } from './job.js';
import type { JobRecord } from './job-record.js';
import { MAX_JOBS, MAX_SPEC_BYTES } from './limits.js';
import type { CoordinatorMetrics } from './metrics.js';
import type { Clock } from './ports.js';

const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_RANDOM = 8;
/** A job id is a DNS label. */
const MAX_ID = 63;

/** What a queue needs. */
export interface QueueOptions {
  readonly clock: Clock;
  readonly store: DirectoryStore;
  readonly metrics: CoordinatorMetrics;
  readonly leadershipEpoch: number;
  /** Told of each new job before anything happens to it. */
  readonly onSubmit: (job: Job) => void;
  /** Runs a job. @returns how it ended; throws when it fails */
  readonly run: (job: Job) => Promise<JobMachineEvent>;
}

/** Jobs in the order of their submission. */
export class JobQueue {
  readonly #options: QueueOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #byRequest = new Map<string, { fingerprint: string; job: Promise<Job> }>();
  readonly #endings = new WeakMap<Job, Promise<void>>();
  readonly #waiting: { readonly job: Job; readonly sinceMs: number }[] = [];
  #running: Job | null = null;
  #settled: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** All jobs, newest first. */
  list(): readonly Job[] {
    return [...this.#jobs.values()].reverse();
  }

  /** A job. @throws LockstepError JOB_NOT_FOUND */
  get(jobId: string): Job {
    const job = this.#jobs.get(jobId);
    if (!job) {
      throw new LockstepError('JOB_NOT_FOUND', {
        message: `There is no job ${JSON.stringify(jobId)}.`,
        field: 'job_id',
        value: jobId,
      });
    }
    return job;
  }

  /** Takes a job; the same request id gives the same job. @throws LockstepError SPEC_INVALID, UPLOAD_NOT_FOUND, QUEUE_FULL */
  async submit(request: SubmitJobRequest__Output): Promise<Job> {
    const { requestId, uploads } = request;
    const fingerprint = JSON.stringify([request.spec, request.overrides, uploads]);
    const known = requestId ? this.#byRequest.get(requestId) : undefined;
    if (known) return sameRequest(known, fingerprint, requestId);
    const admitted = this.#admit(request, fingerprint);
    if (!requestId) return admitted;
    this.#byRequest.set(requestId, { fingerprint, job: admitted });
    // A request that was refused may be mended and sent again.
    admitted.catch(() => this.#byRequest.delete(requestId));
    return admitted;
  }

  /** Takes jobs over that an earlier coordinator left: those that had not ended wait for their turn again. */
  restore(records: readonly JobRecord[]): void {
    const { clock, leadershipEpoch } = this.#options;
    for (const record of [...records].sort((a, b) => a.createdUnixSeconds - b.createdUnixSeconds)) {
      const { id, requestId, fingerprint, dataSha256, dataName } = record;
      const { spec } = parseJobSpec(record.spec);
      if (!spec) continue;
      const submission = { id, spec, resolvedYaml: record.spec, requestId, fingerprint, dataSha256, dataName };
      const job = new Job(submission, clock, leadershipEpoch, record);
      if (requestId) this.#byRequest.set(requestId, { fingerprint, job: Promise.resolve(job) });
      this.#add(job);
    }
    this.#next();
    this.#explainWaits();
  }

  async #admit(request: SubmitJobRequest__Output, fingerprint: string): Promise<Job> {
    const { clock, store, leadershipEpoch } = this.#options;
    const spec = parseSubmitted(request);
    const dataSha256 = uploadOf(spec, request.uploads);
    await store.uploadPath(dataSha256);
    this.#makeRoom();
    const { requestId } = request;
    const submission = {
      ...{ id: newJobId(spec.name), spec, resolvedYaml: resolvedSpecYaml(spec) },
      ...{ requestId, fingerprint, dataSha256, dataName: spec.data.path },
    };
    const job = new Job(submission, clock, leadershipEpoch);
    // What is acknowledged must survive a crash.
    await store.saveRecord(job.toRecord());
    this.#add(job);
    this.#next();
    this.#explainWaits();
    return job;
  }

  #add(job: Job): void {
    this.#jobs.set(job.id, job);
    this.#options.onSubmit(job);
    if (!job.hasEnded) this.#waiting.push({ job, sinceMs: this.#options.clock.nowMs() });
  }

  /** Cancels a job; one that has ended stays as it is. */
  async cancel(jobId: string, why: string): Promise<Job> {
    const job = this.get(jobId);
    if (job.hasEnded) return job;
    const reason = why || 'cancelled by a client';
    await this.#end(job, { type: 'cancelled', why: reason });
    const at = this.#waiting.findIndex((waiting) => waiting.job === job);
    if (at >= 0) this.#waiting.splice(at, 1);
    job.cancellation.abort(new LockstepError('JOB_CANCELLED', { message: reason }));
    this.#explainWaits();
    return job;
  }

  /**
   * Stops the job that runs and starts no other; what has not ended is taken up again by the next coordinator on this
   * store. Settles when the job has let go of everything.
   */
  async close(why: string): Promise<void> {
    this.#closed = true;
    this.#running?.cancellation.abort(new LockstepError('INTERRUPTED', { message: why }));
    await this.#settled;
  }

  /** Jobs by state, every state named. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>(JOB_STATES.map((state) => [state, 0]));
    for (const { phase } of this.#jobs.values()) counts.set(phase.state, (counts.get(phase.state) ?? 0) + 1);
    return counts;
  }

  #next(): void {
    if (this.#running || this.#closed) return;
    const next = this.#waiting.shift();
    if (!next) return;
    const { job, sinceMs } = next;
    this.#running = job;
    this.#options.metrics.jobStarted((this.#options.clock.nowMs() - sinceMs) / 1000);
    const unfollow = this.#onState(job, () => this.#explainWaits());
    this.#settled = this.#options
      .run(job)
      .catch((thrown: unknown): JobMachineEvent => ({ type: 'failed', error: LockstepError.from(thrown) }))
      .then((event) => (this.#closed ? undefined : this.#end(job, event)))
      .finally(() => {
        unfollow();
        this.#running = null;
        this.#next();
        this.#explainWaits();
      });
  }

  /** Calls the listener when a job has come into another state. @returns what ends it */
  #onState(job: Job, listener: () => void): () => void {
    let { state } = job.phase;
    return job.follow(() => {
      if (job.phase.state === state) return;
      state = job.phase.state;
      if (!job.hasEnded) listener();
    });
  }

  /** Ends a job. Of two ends that race the first counts, so that the store and what clients are told agree. */
  #end(job: Job, event: JobMachineEvent): Promise<void> {
    const ending = this.#endings.get(job) ?? this.#endOnce(job, event);
    this.#endings.set(job, ending);
    return ending;
  }

  /** In the store first: what a client is told must survive a crash. */
  async #endOnce(job: Job, event: JobMachineEvent): Promise<void> {
    if (job.hasEnded) return;
    try {
      await this.#options.store.saveRecord(job.toRecord(event));
    } catch (thrown) {
      const { code, message } = LockstepError.from(thrown);
      job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code, message: `Its end could not be recorded: ${message}` } });
    }
    job.advance(event);
  }

  /** Every waiting job says how many are before it. */
  #explainWaits(): void {
    const running = this.#running ? `; ${this.#running.id} is ${this.#running.phase.state}` : '';
    this.#waiting.forEach(({ job }, index) => {
      const before = index + (this.#running ? 1 : 0);
      job.advance({ type: 'waiting', why: `${before} ${before === 1 ? 'job is' : 'jobs are'} before it${running}` });
    });
  }

  /** Forgets the job that ended first. @throws LockstepError QUEUE_FULL when none has ended */
  #makeRoom(): void {
    if (this.#jobs.size < MAX_JOBS) return;
    const ended = [...this.#jobs.values()].find((job) => job.hasEnded);
    if (!ended) throw new LockstepError('QUEUE_FULL', { value: String(MAX_JOBS) });
    this.#jobs.delete(ended.id);
    this.#byRequest.delete(ended.submission.requestId);
  }
}

/** SHA-256 under which a spec's data was uploaded. @throws LockstepError UPLOAD_NOT_FOUND */
function uploadOf(spec: ResolvedJobSpec, uploads: Readonly<Record<string, string>>): string {
  const { path } = spec.data;
  const sha256 = uploads[path];
  if (sha256) return sha256;
  const message = `The submission names no uploaded file for data.path ${JSON.stringify(path)}.`;
  throw new LockstepError('UPLOAD_NOT_FOUND', { message, field: 'data.path', value: path });
}

function sameRequest(
  known: { fingerprint: string; job: Promise<Job> },
  fingerprint: string,
  requestId: string,
): Promise<Job> {
  if (known.fingerprint === fingerprint) return known.job;
  throw new LockstepError('REQUEST_ID_REUSED', { field: 'request_id', value: requestId });
}

/** The spec of a request. @throws LockstepError SPEC_INVALID with every problem */
export function parseSubmitted({
  spec: text,
  overrides,
}: {
  spec: string;
  overrides: Record<string, string>;
}): ResolvedJobSpec {
  if (Buffer.byteLength(text) > MAX_SPEC_BYTES) {
    throw new LockstepError('LIMIT_EXCEEDED', {
      message: `A spec has at most ${MAX_SPEC_BYTES} bytes.`,
      field: 'spec',
    });
  }
  const { spec, problems } = parseJobSpec(text, { overrides });
  if (spec) return spec;
  throw new LockstepError('SPEC_INVALID', {
    message: `The job spec has ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`,
    field: 'spec',
    problems,
  });
}

function newJobId(name: string): string {
  const random = Array.from({ length: ID_RANDOM }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('');
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, MAX_ID - ID_RANDOM - 1)
    .replace(/-+$/, '');
  return `${/^[a-z]/.test(slug) ? slug : `job-${slug}`.slice(0, MAX_ID - ID_RANDOM - 1).replace(/-+$/, '')}-${random}`;
}
