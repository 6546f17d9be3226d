/** All jobs of a coordinator: submit once per request id, run as workers are free, cancel, list. */
import type { JobEvent, SubmitJobRequest__Output } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec, resolvedSpecYaml } from '@lockstep/spec';
import type { DirectoryStore } from './adapters/directory-store.js';
import { fingerprintOf, newJobId, parseSubmitted, uploadsOf } from './admission.js';
import { JOB_STATES, type JobMachineEvent } from './core/job-machine.js';
import { crewSize } from './crew-size.js';
import { explainWait, type Wait } from './explain-wait.js';
import { Job } from './job.js';
import type { JobRecord } from './job-record.js';
import { MAX_JOBS } from './limits.js';
import type { CoordinatorMetrics } from './metrics.js';
import type { Clock, WorkerShare } from './ports.js';
import { QueueTimeout } from './queue-timeout.js';
import { runAttempts, watchDeadline } from './run-attempts.js';
import type { JobShare, Workforce } from './workforce.js';

/** What a queue needs. */
export interface QueueOptions {
  readonly clock: Clock;
  readonly store: DirectoryStore;
  /** Keeps a record; once it settles, the record survives a crash. */
  readonly saveRecord: (record: JobRecord) => Promise<void>;
  /** Events of a job that earlier coordinators kept. */
  readonly earlierEvents: (jobId: string) => Promise<readonly JobEvent[]>;
  readonly metrics: CoordinatorMetrics;
  readonly leadershipEpoch: number;
  /** Told of each new job before anything happens to it. */
  readonly onSubmit: (job: Job) => void;
  /** Workers whose changes {@link JobQueue.workersChanged} is told of. */
  readonly workforce: Workforce;
  /** Runs a job on its workers. @returns how it ended; throws when it fails */
  readonly run: (job: Job, workers: WorkerShare) => Promise<JobMachineEvent>;
}

/** A job that has not ended, in the queue or on its workers. */
interface Place {
  readonly job: Job;
  readonly share: JobShare;
  readonly timeout: QueueTimeout;
  readonly sinceMs: number;
}

/** Jobs in the order of their submission. */
export class JobQueue {
  readonly #options: QueueOptions;
  readonly #jobs = new Map<string, Job>();
  readonly #byRequest = new Map<string, { fingerprint: string; job: Promise<Job> }>();
  readonly #endings = new WeakMap<Job, Promise<void>>();
  /** Of jobs that have not ended, in the order of their submission. */
  readonly #places = new Map<string, Place>();
  /** Jobs that run, in the order in which they began, and what settles when each has let go of everything. */
  readonly #running = new Map<Job, Promise<void>>();
  /** Why no job is taken or started any more. */
  #closed: string | null = null;

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
    const { requestId } = request;
    this.#refuseClosed();
    const fingerprint = fingerprintOf(request);
    const known = requestId ? this.#byRequest.get(requestId) : undefined;
    if (known) return sameRequest(known, fingerprint, requestId);
    const admitted = this.#admit(request, fingerprint);
    if (!requestId) return admitted;
    this.#byRequest.set(requestId, { fingerprint, job: admitted });
    // A request that was refused may be mended and sent again.
    admitted.catch(() => this.#byRequest.delete(requestId));
    return admitted;
  }

  /**
   * Takes jobs over that an earlier coordinator left: those that had not ended wait for their turn again.
   * @param onLost told of each whose spec this version refuses; its record stays as it is
   */
  restore(records: readonly JobRecord[], onLost: (jobId: string, why: string) => void): void {
    const { clock, leadershipEpoch } = this.#options;
    for (const record of [...records].sort((a, b) => a.createdUnixSeconds - b.createdUnixSeconds)) {
      const { id, requestId, fingerprint, dataName, dataFiles } = record;
      const { spec, problems } = parseJobSpec(record.spec);
      if (!spec) {
        onLost(id, problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
        continue;
      }
      const submission = { id, spec, resolvedYaml: record.spec, requestId, fingerprint, dataName, dataFiles };
      const job = new Job(submission, clock, leadershipEpoch, record, () => this.#options.earlierEvents(id));
      if (requestId) this.#byRequest.set(requestId, { fingerprint, job: Promise.resolve(job) });
      this.#add(job);
    }
    this.#next();
    this.#explainWaits();
  }

  async #admit(request: SubmitJobRequest__Output, fingerprint: string): Promise<Job> {
    const { clock, store, saveRecord, leadershipEpoch } = this.#options;
    const spec = parseSubmitted(request);
    const dataFiles = uploadsOf(spec, request.uploads);
    for (const { sha256 } of dataFiles) await store.uploadPath(sha256);
    this.#makeRoom();
    const { requestId } = request;
    const submission = {
      ...{ id: newJobId(spec.name), spec, resolvedYaml: resolvedSpecYaml(spec) },
      ...{ requestId, fingerprint, dataName: spec.data.path, dataFiles },
    };
    const job = new Job(submission, clock, leadershipEpoch);
    // What is acknowledged must survive a crash.
    await saveRecord(job.toRecord());
    this.#add(job);
    this.#next();
    this.#explainWaits();
    return job;
  }

  #add(job: Job): void {
    this.#jobs.set(job.id, job);
    this.#options.onSubmit(job);
    if (job.hasEnded) return;
    const { clock, workforce } = this.#options;
    const { run, train } = job.submission.spec;
    const share = workforce.enter(job.id, crewSize(run, train.lanes), run.device);
    const onExpired = (error: LockstepError): void => this.#expire(job, error);
    const why = (): string => (job.phase.state === 'pending' ? job.phase.reason : this.#explain(job, share));
    const timeout = new QueueTimeout(run, share.least, { why, onExpired });
    this.#places.set(job.id, { job, share, timeout, sinceMs: clock.nowMs() });
    timeout.waits();
    watchDeadline(job, clock, onExpired);
  }

  /** A job has taken too long. */
  #expire(job: Job, error: LockstepError): void {
    // The next coordinator on this store counts on.
    if (this.#closed !== null) return;
    // One that runs keeps its last step, and fails with this then.
    job.stop(error);
    if (this.#leave(job)) void this.#end(job, { type: 'failed', error });
  }

  /** Takes a job out of those that wait. @returns false where it does not wait */
  #leave({ id }: Job): boolean {
    const place = this.#places.get(id);
    if (!place || place.share.hasBegun) return false;
    this.#vacate(place);
    return true;
  }

  #vacate({ job, share, timeout }: Place): void {
    this.#places.delete(job.id);
    timeout.stop();
    share.close();
  }

  /** Cancels a job; one that has ended stays as it is. */
  async cancel(jobId: string, why: string): Promise<Job> {
    const job = this.get(jobId);
    if (job.hasEnded) return job;
    this.#refuseClosed();
    const reason = why || 'cancelled by a client';
    // At once, so that it does not start while its end is written.
    this.#leave(job);
    await this.#end(job, { type: 'cancelled', why: reason });
    job.stop(new LockstepError('JOB_CANCELLED', { message: reason }));
    this.#explainWaits();
    return job;
  }

  /**
   * Stops the jobs that run and starts no other; what has not ended is taken up again by the next coordinator on this
   * store. Settles when they have let go of everything.
   */
  async close(why: string): Promise<void> {
    this.#closed = why;
    for (const job of this.#running.keys()) job.stop(new LockstepError('INTERRUPTED', { message: why }));
    await Promise.all(this.#running.values());
  }

  /** Jobs by state, every state named. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>(JOB_STATES.map((state) => [state, 0]));
    for (const { phase } of this.#jobs.values()) counts.set(phase.state, (counts.get(phase.state) ?? 0) + 1);
    return counts;
  }

  #refuseClosed(): void {
    if (this.#closed === null) return;
    const message = `This coordinator takes no jobs any more: ${this.#closed}.`;
    throw new LockstepError('SERVER_UNREACHABLE', { message, field: '--server' });
  }

  /** Workers came, went or changed hands: other jobs may begin. */
  workersChanged(): void {
    this.#next();
    for (const { share, timeout } of this.#places.values()) timeout.holds(share.held);
    this.#explainWaits();
  }

  /** Starts the jobs whose turn it is. */
  #next(): void {
    while (this.#closed === null) {
      const [id] = this.#options.workforce.begins;
      const place = id === undefined ? undefined : this.#places.get(id);
      if (!place) return;
      this.#start(place);
    }
  }

  #start(place: Place): void {
    const { job, share, timeout, sinceMs } = place;
    const { clock, metrics, run } = this.#options;
    metrics.jobStarted(job.id, (clock.nowMs() - sinceMs) / 1000);
    share.begin();
    const unfollow = this.#onState(job, () => {
      if (job.phase.state === 'running') timeout.runs();
      this.#explainWaits();
    });
    const attempt = (): Promise<JobMachineEvent> => {
      timeout.waits();
      return run(job, share);
    };
    const settled = runAttempts(job, attempt)
      .catch((thrown: unknown): JobMachineEvent => ({ type: 'failed', error: LockstepError.from(thrown) }))
      .then((event) => (this.#closed !== null ? undefined : this.#end(job, event)))
      .finally(() => {
        unfollow();
        metrics.jobEnded(job.id);
        this.#running.delete(job);
        this.#vacate(place);
        this.workersChanged();
      });
    this.#running.set(job, settled);
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
      await this.#options.saveRecord(job.toRecord(event));
    } catch (thrown) {
      const { code, message } = LockstepError.from(thrown);
      job.emit({ note: { level: 'NOTE_LEVEL_WARNING', code, message: `Its end could not be recorded: ${message}` } });
    }
    job.advance(event);
  }

  /** Every waiting job says what it waits for. */
  #explainWaits(): void {
    const waiting = [...this.#places.values()].filter(({ share }) => !share.hasBegun);
    if (waiting.length === 0) return;
    const running = this.#holders();
    waiting.forEach(({ job, share }, before) => {
      job.advance({ type: 'waiting', why: this.#explain(job, share, before + 1, running) });
    });
  }

  #explain({ submission }: Job, share: JobShare, place = 1, running = this.#holders()): string {
    const { device } = submission.spec.run;
    return explainWait({ ...share.shortfall, ...{ place, needs: share.least, device, running } });
  }

  /** Jobs that have begun, with what each holds. */
  #holders(): Wait['running'] {
    return [...this.#running.keys()].map(({ id, phase: { state } }) => ({
      ...{ id, state, holds: this.#places.get(id)?.share.held ?? 0 },
    }));
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

function sameRequest(
  known: { fingerprint: string; job: Promise<Job> },
  fingerprint: string,
  requestId: string,
): Promise<Job> {
  if (known.fingerprint === fingerprint) return known.job;
  throw new LockstepError('REQUEST_ID_REUSED', { field: 'request_id', value: requestId });
}
