/** All jobs of a coordinator: submit once per request id, run one after another, cancel, list. */
import { randomInt } from 'node:crypto';
import type { SubmitJobRequest__Output } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec, type ResolvedJobSpec, resolvedSpecYaml } from '@lockstep/spec';
import type { DirectoryStore } from './adapters/directory-store.js';
import { JOB_STATES } from './core/job-machine.js';
import { Job } from './job.js';
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
  /** Told of each new job before anything happens to it. */
  readonly onSubmit: (job: Job) => void;
  /** Runs a job to its end; throws when it fails. */
  readonly run: (job: Job) => Promise<void>;
}

/** Jobs in the order of their submission. */
export class JobQueue {
  readonly #options: QueueOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #byRequest = new Map<string, { fingerprint: string; job: Job }>();
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
    const spec = parseSubmitted(request);
    const dataPath = await this.#options.store.uploadPath(uploadOf(spec, uploads));
    const raced = requestId ? this.#byRequest.get(requestId) : undefined;
    if (raced) return sameRequest(raced, fingerprint, requestId);
    this.#makeRoom();
    const resolvedYaml = resolvedSpecYaml(spec);
    const job = new Job(
      { id: newJobId(spec.name), spec, resolvedYaml, dataPath, dataName: spec.data.path },
      this.#options.clock,
    );
    if (requestId) this.#byRequest.set(requestId, { fingerprint, job });
    this.#jobs.set(job.id, job);
    this.#waiting.push({ job, sinceMs: this.#options.clock.nowMs() });
    this.#options.onSubmit(job);
    this.#next();
    this.#explainWaits();
    return job;
  }

  /** Cancels a job; one that has ended stays as it is. */
  cancel(jobId: string, why: string): Job {
    const job = this.get(jobId);
    if (job.hasEnded) return job;
    const reason = why || 'cancelled by a client';
    const at = this.#waiting.findIndex((waiting) => waiting.job === job);
    if (at >= 0) this.#waiting.splice(at, 1);
    job.advance({ type: 'cancelled', why: reason });
    job.cancellation.abort(new LockstepError('JOB_CANCELLED', { message: reason }));
    this.#explainWaits();
    return job;
  }

  /** Cancels every job and starts no other. Settles when the one that was running has let go of everything. */
  async close(why: string): Promise<void> {
    this.#closed = true;
    for (const job of this.#jobs.values()) if (!job.hasEnded) this.cancel(job.id, why);
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
    this.#settled = this.#options
      .run(job)
      .catch((thrown: unknown) => job.advance({ type: 'failed', error: LockstepError.from(thrown) }))
      .finally(() => {
        this.#running = null;
        this.#next();
        this.#explainWaits();
      });
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
    for (const [requestId, { job }] of this.#byRequest) if (job === ended) this.#byRequest.delete(requestId);
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

function sameRequest(known: { fingerprint: string; job: Job }, fingerprint: string, requestId: string): Job {
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
