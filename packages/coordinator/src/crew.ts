/** The workers of one job: plans go out, ready ones come in, lost ones are replaced by spares. */
import type { JobPlan, JobReady__Output, TrainRequest__Output } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { type Ending, isSame, type WorkerKey } from './core/lane-state.js';
import { readyText } from './crew-size.js';
import { type CrewLook, CrewWait, type WaitOptions } from './crew-wait.js';
import { type ComputeNeeds, Eligibility } from './eligibility.js';
import { REBASE_AFTER_MS } from './limits.js';
import type { WorkerEvent, WorkerJoined, WorkerSession, WorkerShare } from './ports.js';

/** What happens to a crew. */
export type CrewEvent =
  | { readonly type: 'ready'; readonly session: WorkerSession }
  | { readonly type: 'lost'; readonly session: WorkerSession; readonly why: string; readonly ending: Ending }
  | WorkerJoined
  | Extract<WorkerEvent, { type: 'message' }>;

/** What a crew is made of. */
export interface CrewOptions extends WaitOptions, ComputeNeeds {
  readonly pool: WorkerShare;
  readonly plan: JobPlan;
  /** Class that workers must be of; '' takes that of most workers when the job starts. */
  readonly numericClass: string;
  /** Where no worker of the class is left, goes on with the class of most that are there, and says so. @default waits */
  readonly onRebase?: (from: string, to: string) => void;
  /** Takes in a worker that is ready. @returns how it is reached. @throws LockstepError where it cannot be */
  readonly admit: (worker: WorkerKey, ready: JobReady__Output) => string;
  /** Hears of every process that joins, at whatever time. */
  readonly onJoined?: (event: WorkerJoined) => void;
  /** Hears every message of every worker, at whatever time. */
  readonly onMessage?: (worker: WorkerKey, message: TrainRequest__Output) => void;
  /** @param ready workers that are ready after the change */
  readonly onChange: (
    change: 'ready' | 'lost' | 'spare' | 'refused',
    worker: WorkerKey,
    why: string,
    ready: number,
  ) => void;
}

/** Ready workers of a job, in the order in which they became ready. */
export class Crew {
  readonly #options: CrewOptions;
  readonly #invited = new Set<WorkerSession>();
  readonly #ready: WorkerSession[] = [];
  readonly #spares = new Set<WorkerSession>();
  /** Workers that can never compute this job. */
  readonly #unfit = new WeakSet<WorkerSession>();
  readonly #eligible: Eligibility;
  readonly #wait: CrewWait;
  readonly #unlisten: () => void;
  #listener: ((event: CrewEvent) => void) | null = null;
  #isReproducible = true;
  #rebase: NodeJS.Timeout | null = null;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#eligible = new Eligibility(options, options.numericClass);
    this.#wait = new CrewWait(options, () => this.#look());
    this.#unlisten = options.pool.listen((event) => {
      this.#handle(event);
      if (event.type !== 'message' || event.message.jobReady) this.#wait.wake();
    });
    if (this.#eligible.isSettled) this.#considerAll();
    else this.#vote();
  }

  /** Workers that can compute. */
  get ready(): readonly WorkerSession[] {
    return this.#ready;
  }

  /** Numeric class of every ready worker. */
  get numericClass(): string {
    return this.#eligible.numericClass;
  }

  /** Whether every worker that ever became ready computes the same bits each time. */
  get isReproducible(): boolean {
    return this.#isReproducible;
  }

  /** Which workers wait that compute other bits, in words; '' where there are none. */
  get others(): string {
    return this.#eligible.others(this.#options.pool.sessions);
  }

  /** The ready session of a worker. */
  find(key: WorkerKey): WorkerSession | undefined {
    return this.#ready.find((session) => isSame(session.key, key));
  }

  /** Sends events to one listener until it is replaced. */
  listen(listener: ((event: CrewEvent) => void) | null): void {
    this.#listener = listener;
  }

  /**
   * Waits until all wanted workers are ready; after a while, or where other jobs hold the rest, the least number is
   * enough. Calls `waiting` with numbers when it has to wait.
   * @throws LockstepError what workers refused the plan with, when several did and none is ready
   */
  async gather(waiting: (why: string) => void, signal: AbortSignal): Promise<void> {
    await this.#wait.gather(waiting, signal);
    this.#eligible.settle();
  }

  /** Waits, between two steps, until the least number of workers is ready. */
  enough(signal: AbortSignal): Promise<void> {
    return this.#wait.enough(signal);
  }

  /** Lets the workers go. */
  close(reason: string): void {
    this.#unlisten();
    this.#listener = null;
    if (this.#rebase) clearTimeout(this.#rebase);
    const jobId = this.#options.plan.jobId ?? '';
    for (const session of this.#invited) session.send({ jobEnded: { jobId, reason } });
  }

  #look(): CrewLook {
    const { wanted, least, pool } = this.#options;
    // Every lane has a replica: further workers would have nothing to do.
    const ready = Math.max(this.#ready.length, this.#isFull(this.#ready) ? wanted : 0);
    const missing = this.#eligible.shortage(pool.connected, { wanted, least });
    return {
      ready,
      isAll: this.#ready.length === this.#invited.size && !pool.isAlone,
      shortage: missing || `${readyText(ready, wanted, least)}${this.others}`,
    };
  }

  #handle(event: WorkerEvent): void {
    switch (event.type) {
      case 'joined':
        this.#options.onJoined?.(event);
        this.#listener?.(event);
        return;
      case 'attached':
        if (this.#eligible.isSettled) this.#consider(event.session);
        else this.#vote();
        return;
      case 'detached':
        this.#lose(event.session, event.why, event.ending);
        if (!this.#eligible.isSettled) this.#vote();
        return;
      case 'message':
        this.#options.onMessage?.(event.session.key, event.message);
        if (event.message.jobReady) {
          this.#welcome(event.session, event.message.jobReady);
        } else this.#listener?.(event);
    }
  }

  /** The class of most workers becomes the job's; those of another one that were invited before are let go. */
  #vote(): void {
    if (this.#eligible.vote(this.#voters())) {
      for (const session of [...this.#invited]) if (!this.#eligible.fits(session)) this.#letGo(session);
      this.#spares.clear();
    }
    this.#considerAll();
  }

  /** Workers that have not refused the plan. */
  #voters(): WorkerSession[] {
    return this.#options.pool.sessions.filter((session) => !this.#unfit.has(session));
  }

  #letGo(session: WorkerSession): void {
    this.#remove(session);
    session.send({ jobEnded: { jobId: this.#options.plan.jobId ?? '', reason: 'most workers compute other bits' } });
  }

  #considerAll(): void {
    for (const session of this.#options.pool.sessions) {
      if (!this.#invited.has(session) && !this.#spares.has(session)) this.#consider(session);
    }
  }

  #consider(session: WorkerSession): void {
    if (this.#unfit.has(session)) return;
    const { pool, size } = this.#options;
    if (!this.#eligible.fits(session)) {
      const why = this.#eligible.refuse(session);
      if (why) this.#tell('refused', session, why);
      pool.release(session);
      this.#rebaseLater();
      return;
    }
    if (this.#isFull([...this.#invited])) {
      const taken = Math.min(size, this.#invited.size);
      if (!this.#spares.has(session)) this.#tell('spare', session, `the job takes ${taken} workers`);
      this.#spares.add(session);
      pool.release(session);
      return;
    }
    if (!pool.claim(session)) return;
    this.#invited.add(session);
    session.send({ jobPlan: this.#options.plan });
  }

  /** Whether these are as many as the job takes, or compute all of its lanes at once. */
  #isFull(sessions: readonly WorkerSession[]): boolean {
    const { size, plan } = this.#options;
    const lanes = sessions.reduce((sum, { key }) => sum + (key.replicas ?? 1), 0);
    return sessions.length >= size || lanes >= (plan.lanes ?? Number.POSITIVE_INFINITY);
  }

  #welcome(session: WorkerSession, ready: JobReady__Output): void {
    const { jobId, failure } = ready;
    if (jobId !== this.#options.plan.jobId || !this.#invited.has(session) || this.#ready.includes(session)) return;
    if (failure) {
      this.#refused(session, LockstepError.of(failure));
      return;
    }
    let how: string;
    try {
      how = this.#options.admit(session.key, ready);
    } catch (thrown) {
      this.#refused(session, LockstepError.from(thrown));
      return;
    }
    this.#ready.push(session);
    this.#isReproducible &&= session.reproducible;
    this.#tell('ready', session, how);
    this.#listener?.({ type: 'ready', session });
  }

  #refused(session: WorkerSession, error: LockstepError): void {
    const why = `${error.code}: ${error.message}`;
    // What may go better by itself is no refusal: the worker joins again and gets the plan anew.
    if (error.entry.retryable) {
      session.end(why);
      return;
    }
    this.#wait.refused(error);
    this.#unfit.add(session);
    this.#lose(session, why, 'left');
    this.#options.pool.release(session);
  }

  /** Takes a worker off the lists. @returns false where it was on none */
  #remove(session: WorkerSession): boolean {
    const at = this.#ready.indexOf(session);
    if (at >= 0) this.#ready.splice(at, 1);
    return this.#invited.delete(session);
  }

  #tell(change: Parameters<CrewOptions['onChange']>[0], session: WorkerSession, why: string): void {
    this.#options.onChange(change, session.key, why, this.#ready.length);
  }

  #lose(session: WorkerSession, why: string, ending: Ending): void {
    this.#spares.delete(session);
    if (!this.#remove(session)) return;
    this.#tell('lost', session, why);
    this.#listener?.({ type: 'lost', session, why, ending });
    for (const spare of [...this.#spares]) {
      if (this.#isFull([...this.#invited])) return;
      this.#spares.delete(spare);
      this.#consider(spare);
    }
    this.#rebaseLater();
  }

  /** Takes another class when none of the own has come for a while and the job allows it. */
  #rebaseLater(): void {
    const { onRebase } = this.#options;
    if (!onRebase || !this.#eligible.isSettled || this.#invited.size > 0 || this.#rebase) return;
    this.#rebase = setTimeout(() => {
      this.#rebase = null;
      const from = this.#eligible.numericClass;
      if (this.#invited.size > 0 || !this.#eligible.vote(this.#voters())) return;
      this.#isReproducible = false;
      onRebase(from, this.#eligible.numericClass);
      this.#considerAll();
    }, REBASE_AFTER_MS);
  }
}
