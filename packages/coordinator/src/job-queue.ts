/** All jobs of a coordinator: submit once per request id, run as workers are free, suspend, cancel, list. */
import type { JobEvent, SubmitJobRequest__Output } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec, resolvedSpecYaml } from '@lockstep/spec';
import type { DirectoryStore } from './adapters/directory-store.js';
import { fingerprintOf, newJobId, parseSubmitted, submissionOf, uploadsOf } from './admission.js';
import type { JobMachineEvent } from './core/job-machine.js';
import { DEFAULT_NAMESPACE } from './core/principal.js';
import type { DeletionReason } from './core/retention.js';
import { crewSize } from './crew-size.js';
import { Job } from './job.js';
import { JobDeletions } from './job-deletions.js';
import { JobEndings } from './job-endings.js';
import { JobIndex } from './job-index.js';
import { type JobRecord, orderOf } from './job-record.js';
import { JobWaits } from './job-waits.js';
import type { CoordinatorMetrics } from './metrics.js';
import type { Clock, WorkerShare } from './ports.js';
import { byNamespaces, type NamespaceCounts, workersWanted } from './queue-counts.js';
import { QueueTimeout } from './queue-timeout.js';
import { runAttempts, watchDeadline } from './run-attempts.js';
import type { JobShare, Workforce } from './workforce.js';

/** What a queue needs. */
export interface QueueOptions {
  readonly clock: Clock;
  readonly store: DirectoryStore;
  /** Keeps a record; once it settles, the record survives a crash. */
  readonly saveRecord: (record: JobRecord) => Promise<void>;
  /** Deletes a job with all that is kept of it; once it settles, it stays deleted. */
  readonly deleteRecord: (jobId: string) => Promise<void>;
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
  /** When it began to wait. */
  sinceMs: number;
}

/** Jobs, in the order of their submission. */
export class JobQueue {
  readonly #options: QueueOptions;
  /** Those that wait, run or have ended. */
  readonly jobs = new JobIndex();
  readonly #endings: JobEndings;
  /** Of jobs that wait or run, in the order of their submission. */
  readonly #places = new Map<string, Place>();
  /** Jobs that run, in the order in which they began, and what settles when each has let go of everything. */
  readonly #running = new Map<Job, Promise<void>>();
  /** Jobs that are to be suspended as soon as they have let go of everything, and why. */
  readonly #suspending = new Map<Job, string>();
  readonly #deletions: JobDeletions;
  readonly #waits: JobWaits;
  /** Why no job is taken or started any more. */
  #closed: string | null = null;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#endings = new JobEndings(options.saveRecord);
    this.#deletions = new JobDeletions({
      ...{ clock: options.clock, jobs: this.jobs, deleteRecord: options.deleteRecord, metrics: options.metrics },
      settled: (job) => this.#running.get(job),
    });
    this.#waits = new JobWaits({
      workforce: options.workforce,
      find: (jobId) => this.#places.get(jobId),
      running: () => this.#running.keys(),
    });
  }

  /** All jobs, newest first. */
  list(): readonly Job[] {
    return this.jobs.list();
  }

  /**
   * A job.
   * @param isSeen whether the caller sees a namespace; a job of another one is as if it were not there
   * @throws LockstepError JOB_NOT_FOUND
   */
  get(jobId: string, isSeen?: (namespace: string) => boolean): Job {
    return this.jobs.get(jobId, isSeen);
  }

  /**
   * Takes a job of a namespace; the same request id there gives the same job.
   * @throws LockstepError SPEC_INVALID, UPLOAD_NOT_FOUND, QUEUE_FULL, and what a deletion that makes room throws
   */
  async submit(request: SubmitJobRequest__Output, namespace = DEFAULT_NAMESPACE): Promise<Job> {
    this.#refuseClosed();
    const fingerprint = fingerprintOf(request);
    const asked = { namespace, requestId: request.requestId, fingerprint };
    return this.jobs.submitted(asked, () => this.#admit(request, fingerprint, namespace));
  }

  /**
   * Takes jobs over that an earlier coordinator left: those that had not ended wait for their turn again.
   * @param onLost told of each whose spec this version refuses; its record stays as it is
   */
  restore(records: readonly JobRecord[], onLost: (jobId: string, why: string) => void): void {
    const { clock, leadershipEpoch } = this.#options;
    for (const record of [...records].sort((a, b) => orderOf(a) - orderOf(b))) {
      const { id } = record;
      const { spec, problems } = parseJobSpec(record.spec);
      if (!spec) {
        onLost(id, problems.map(({ path, message }) => `${path}: ${message}`).join('; '));
        continue;
      }
      const submission = submissionOf(record, spec);
      const job = new Job(submission, clock, leadershipEpoch, record, () => this.#options.earlierEvents(id));
      this.jobs.remember(submission, job);
      this.#add(job);
    }
    this.#next();
    this.#waits.tell();
  }

  async #admit(request: SubmitJobRequest__Output, fingerprint: string, namespace: string): Promise<Job> {
    const { store } = this.#options;
    const spec = parseSubmitted(request);
    const dataFiles = uploadsOf(spec, request.uploads);
    const release = store.holdUploads(dataFiles.map(({ sha256 }) => sha256));
    try {
      for (const { sha256 } of dataFiles) await store.uploadPath(sha256);
      const asked = { spec, dataFiles, requestId: request.requestId, fingerprint, namespace };
      return await this.#deletions.withRoom(namespace, (leave) => this.#take(asked, leave));
    } finally {
      release();
    }
  }

  async #take(
    asked: Pick<Job['submission'], 'spec' | 'dataFiles' | 'requestId' | 'fingerprint' | 'namespace'>,
    leavePlace: () => void,
  ): Promise<Job> {
    const { clock, saveRecord, leadershipEpoch } = this.#options;
    const { spec } = asked;
    const now = clock.unixSeconds();
    const submission = {
      ...{ id: newJobId(spec.name), ...asked, resolvedYaml: resolvedSpecYaml(spec), dataName: spec.data.path },
      ...{ createdUnixSeconds: now, order: this.jobs.afterAll(now) },
    };
    const job = new Job(submission, clock, leadershipEpoch);
    // What is acknowledged must survive a crash.
    await saveRecord(job.toRecord());
    this.#add(job);
    this.#next();
    this.#waits.tell();
    leavePlace();
    return job;
  }

  #add(job: Job): void {
    this.jobs.add(job);
    this.#options.onSubmit(job);
    if (job.hasEnded) return;
    if (job.phase.state !== 'suspended') this.#enter(job);
    watchDeadline(job, this.#options.clock, (error) => this.#expire(job, error));
  }

  /** Gives a job its place among those that wait. */
  #enter(job: Job): void {
    const { clock, workforce } = this.#options;
    const { run, train } = job.submission.spec;
    const { device, priority } = run;
    const share = workforce.enter({
      ...{ jobId: job.id, size: crewSize(run, train.lanes), device, engine: train.engine, priority },
      namespace: job.submission.namespace,
      order: job.order,
      mayYield: () => !job.interruption && job.phase.state !== 'finishing',
    });
    const onExpired = (error: LockstepError): void => this.#expire(job, error);
    const why = (): string => (job.phase.state === 'pending' ? job.phase.reason : this.#waits.explain(job, share));
    const timeout = new QueueTimeout(run, share.least, { why, onExpired });
    this.#places.set(job.id, { job, share, timeout, sinceMs: clock.nowMs() });
    timeout.waits();
  }

  /** A job has taken too long. */
  #expire(job: Job, error: LockstepError): void {
    // The next coordinator on this store counts on.
    if (this.#closed !== null) return;
    // One that runs keeps its last step, and fails with this then.
    job.stop(error);
    if (this.#leave(job)) void this.#endings.end(job, { type: 'failed', error });
  }

  /** Takes a job out of those that wait or are suspended. @returns false where it runs */
  #leave({ id }: Job): boolean {
    const place = this.#places.get(id);
    if (place?.share.hasBegun) return false;
    if (place) this.#vacate(place);
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
    await this.#endings.end(job, { type: 'cancelled', why: reason });
    job.stop(new LockstepError('JOB_CANCELLED', { message: reason }));
    this.#waits.tell();
    return job;
  }

  /**
   * Suspends a job that waits or runs: one that runs keeps its last step first, and is suspended once its workers are
   * free. One that is suspended or has ended stays as it is.
   */
  async suspend(jobId: string, why: string): Promise<Job> {
    const job = this.get(jobId);
    await this.#endings.of(job);
    if (job.hasEnded || job.phase.state === 'suspended') return job;
    this.#refuseClosed();
    const reason = why || 'suspended by a client';
    const event = { type: 'suspended', why: reason } as const;
    // At once, so that it does not start while this is written.
    const isWaiting = this.#leave(job);
    try {
      // A coordinator that starts again must find it suspended.
      await this.#options.saveRecord(job.toRecord(event));
    } catch (thrown) {
      if (isWaiting && job.phase.state === 'pending' && !this.#endings.of(job) && !this.#places.has(job.id))
        this.#enter(job);
      throw thrown;
    }
    if (job.hasEnded) return job;
    // One that ran may have made room meanwhile, and waits now.
    if (isWaiting || this.#leave(job)) job.advance(event);
    else {
      this.#suspending.set(job, reason);
      job.interrupt(new LockstepError('JOB_SUSPENDED', { message: reason }));
    }
    this.workersChanged();
    return job;
  }

  /** Lets a suspended job go on, at the place of its submission; any other stays as it is. */
  async resume(jobId: string): Promise<Job> {
    const job = this.get(jobId);
    await this.#endings.of(job);
    if (job.phase.state !== 'suspended' && !this.#suspending.has(job)) return job;
    this.#refuseClosed();
    const event = { type: 'waiting', why: 'was resumed by a client' } as const;
    await this.#options.saveRecord(job.toRecord(event));
    // One that still keeps its last step goes on after it.
    if (this.#suspending.delete(job)) return job;
    // Two clients may resume one job at once.
    if (job.phase.state !== 'suspended') return job;
    job.advance(event);
    job.beginAttempt();
    this.#enter(job);
    this.workersChanged();
    return job;
  }

  /**
   * Deletes a job that has ended, once it has let go of everything: record, events, model, checkpoints.
   * @throws LockstepError JOB_NOT_FOUND, JOB_NOT_ENDED, OUTPUT_UNWRITABLE where it is still there
   */
  async delete(jobId: string, why: DeletionReason): Promise<Job> {
    this.#refuseClosed();
    return this.#deletions.delete(jobId, why);
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

  /** Workers that jobs which have not ended ask for, by device, every device named. */
  workersWanted(): ReadonlyMap<string, number> {
    return workersWanted(this.#places.values());
  }

  /** What the jobs of each namespace have and wait for. */
  byNamespaces(): ReadonlyMap<string, NamespaceCounts> {
    return byNamespaces(this.#places.values());
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
    this.#waits.tell();
  }

  /** Starts the jobs whose turn it is. */
  #next(): void {
    while (this.#closed === null) {
      const [id] = this.#options.workforce.begins;
      const place = id === undefined ? undefined : this.#places.get(id);
      if (!place) break;
      this.#start(place);
    }
    if (this.#closed === null) this.#makeWay();
  }

  /** Tells jobs to let go of their workers, where one of higher priority waits for them. */
  #makeWay(): void {
    const { metrics } = this.#options;
    for (const [victim, winner] of this.#options.workforce.preempted) {
      const place = this.#places.get(victim);
      if (!place) continue;
      place.share.leaving();
      metrics.queue.jobPreempted();
      const { job } = place;
      const { priority } = this.get(winner).submission.spec.run;
      const own = job.submission.spec.run.priority;
      const who = this.#waits.nameFor(job.submission.namespace, winner);
      const message = `${who} of priority ${priority} takes the workers of this one of priority ${own}`;
      job.emit({ note: { level: 'NOTE_LEVEL_INFO', code: 'JOB_PREEMPTED', message } });
      job.interrupt(new LockstepError('JOB_PREEMPTED', { message, field: 'run.priority', value: String(own) }));
    }
  }

  #start(place: Place): void {
    const { job, share, timeout, sinceMs } = place;
    const { clock, metrics, run } = this.#options;
    metrics.jobStarted(job.id, (clock.nowMs() - sinceMs) / 1000);
    share.begin();
    const unfollow = job.followState(() => {
      if (job.phase.state === 'running') timeout.runs();
      this.#waits.tell();
    });
    const attempt = (): Promise<JobMachineEvent> => {
      timeout.waits();
      return run(job, share);
    };
    const settled = runAttempts(job, attempt)
      .catch((thrown: unknown) => this.#afterError(job, LockstepError.from(thrown)))
      .then(async (event) => {
        const goesOn = event.type === 'waiting' || event.type === 'suspended';
        if (goesOn) job.advance(event);
        else if (this.#closed === null) await this.#endings.end(job, event);
        return event;
      })
      .then(({ type }) => {
        unfollow();
        metrics.jobEnded(job.id);
        this.#running.delete(job);
        this.#suspending.delete(job);
        if (type === 'waiting' && this.#closed === null && !this.#endings.of(job)) this.#waitAgain(place);
        else this.#vacate(place);
        this.workersChanged();
      });
    this.#running.set(job, settled);
  }

  /** What becomes of a job whose attempt ended with an error: one that was only interrupted goes on later. */
  #afterError(job: Job, error: LockstepError): JobMachineEvent {
    if (job.stopped || !job.interruption) return { type: 'failed', error };
    const why = this.#suspending.get(job);
    return why === undefined ? { type: 'waiting', why: error.message } : { type: 'suspended', why };
  }

  #waitAgain(place: Place): void {
    const { job, share, timeout } = place;
    place.sinceMs = this.#options.clock.nowMs();
    job.beginAttempt();
    share.leave();
    timeout.holds(0);
    timeout.waits();
  }
}
