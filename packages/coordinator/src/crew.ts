/** The workers of one job: plans go out, ready ones come in, lost ones are replaced by spares. */
import type { Failure__Output, JobPlan, JobReady__Output, TrainRequest__Output } from '@lockstep/protocol';
import { CATALOGUE, type ErrorCode, LockstepError } from '@lockstep/protocol/core';
import { isSame, type WorkerKey } from './core/lane-state.js';
import { GANG_TIMEOUT_MS, MAX_REFUSALS } from './limits.js';
import type { WorkerEvent, WorkerPool, WorkerSession } from './ports.js';

/** What happens to a crew. */
export type CrewEvent =
  | { readonly type: 'ready'; readonly session: WorkerSession }
  | { readonly type: 'lost'; readonly session: WorkerSession; readonly why: string }
  | Extract<WorkerEvent, { type: 'message' }>;

/** What a crew is made of. */
export interface CrewOptions {
  readonly pool: WorkerPool;
  readonly plan: JobPlan;
  /** Workers wanted at most: the job's workers, and never more than lanes. */
  readonly size: number;
  /** Class that workers must be of; '' takes that of the first. */
  readonly numericClass: string;
  /** Device that workers must have; 'auto' takes any. */
  readonly device: string;
  /** Milliseconds that {@link Crew.gather} waits for a first worker. @default as long as it takes */
  readonly queueTimeoutMs?: number | undefined;
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
  readonly #unlisten: () => void;
  #listener: ((event: CrewEvent) => void) | null = null;
  /** Ends a wait of {@link gather}. */
  #wake: () => void = () => {};
  #numericClass = '';
  #isReproducible = true;
  /** What workers refused the plan with. */
  readonly #refusals: LockstepError[] = [];

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#numericClass = options.numericClass;
    this.#unlisten = options.pool.listen((event) => {
      this.#handle(event);
      if (event.type !== 'message' || event.message.jobReady) this.#wake();
    });
    for (const session of options.pool.sessions) this.#consider(session);
  }

  /** Workers that can compute. */
  get ready(): readonly WorkerSession[] {
    return this.#ready;
  }

  /** Numeric class of every ready worker. */
  get numericClass(): string {
    return this.#numericClass;
  }

  /** Whether every worker that ever became ready computes the same bits each time. */
  get isReproducible(): boolean {
    return this.#isReproducible;
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
   * Waits until all workers are ready; after a while one is enough. Calls `waiting` with numbers when it has to wait.
   * @throws LockstepError what workers refused the plan with, when several did and none is ready; JOB_QUEUE_TIMEOUT
   */
  async gather(waiting: (why: string) => void, signal: AbortSignal): Promise<void> {
    const { size, queueTimeoutMs = Number.POSITIVE_INFINITY } = this.#options;
    const started = performance.now();
    while (this.#ready.length < size) {
      signal.throwIfAborted();
      const waitedMs = performance.now() - started;
      const leftMs = Math.min(GANG_TIMEOUT_MS, queueTimeoutMs) - waitedMs;
      const refusal = this.#refusals.at(-1);
      if (this.#ready.length > 0 && leftMs <= 0) return;
      if (this.#ready.length === 0 && refusal && this.#refusals.length >= Math.min(size, MAX_REFUSALS)) throw refusal;
      if (waitedMs >= queueTimeoutMs) throw this.#queueTimeout(queueTimeoutMs / 1000);
      waiting(this.#shortage());
      await this.#change(signal, leftMs > 0 ? leftMs : Math.min(GANG_TIMEOUT_MS, queueTimeoutMs - waitedMs));
    }
  }

  /** Lets the workers go. */
  close(reason: string): void {
    this.#unlisten();
    this.#listener = null;
    const jobId = this.#options.plan.jobId ?? '';
    for (const session of this.#invited) session.send({ jobEnded: { jobId, reason } });
  }

  #change(signal: AbortSignal, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#wake = () => {};
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener('abort', done, { once: true });
      this.#wake = done;
    });
  }

  /** What is missing, in numbers. */
  #shortage(): string {
    const { size, device, pool } = this.#options;
    const { sessions } = pool;
    const fitting = sessions.filter((session) => this.#fits(session)).length;
    if (device === 'auto' || fitting >= size) return `${this.#ready.length} of ${size} workers are ready`;
    return `needs ${size} ${device} workers, ${fitting} of ${sessions.length} connected have ${device}`;
  }

  #fits({ device }: WorkerSession): boolean {
    return this.#options.device === 'auto' || device === this.#options.device;
  }

  #queueTimeout(seconds: number): LockstepError {
    const message = `No worker was ready within run.queueTimeout of ${seconds} s: ${this.#shortage()}.`;
    return new LockstepError('JOB_QUEUE_TIMEOUT', { message, field: 'run.queueTimeout', value: String(seconds) });
  }

  #handle(event: WorkerEvent): void {
    switch (event.type) {
      case 'attached':
        this.#consider(event.session);
        return;
      case 'detached':
        this.#lose(event.session, event.why);
        return;
      case 'message':
        this.#options.onMessage?.(event.session.key, event.message);
        if (event.message.jobReady) this.#welcome(event.session, event.message.jobReady);
        else this.#listener?.(event);
    }
  }

  #consider(session: WorkerSession): void {
    if (!this.#fits(session)) {
      this.#tell('refused', session, `it computes on ${session.device}, the job on ${this.#options.device}`);
      return;
    }
    if (this.#numericClass !== '' && session.numericClass !== this.#numericClass) {
      const why = `NUMERIC_CLASS_MISMATCH: it is ${session.numericClass}, the job is ${this.#numericClass}`;
      this.#tell('refused', session, why);
      return;
    }
    if (this.#invited.size >= this.#options.size) {
      this.#spares.add(session);
      this.#tell('spare', session, `the job takes ${this.#options.size} workers`);
      return;
    }
    this.#numericClass ||= session.numericClass;
    this.#invited.add(session);
    session.send({ jobPlan: this.#options.plan });
  }

  #welcome(session: WorkerSession, { jobId, failure }: JobReady__Output): void {
    if (jobId !== this.#options.plan.jobId || !this.#invited.has(session) || this.#ready.includes(session)) return;
    if (failure) {
      this.#refusals.push(errorOf(failure));
      this.#lose(session, `${failure.code}: ${failure.message}`);
      return;
    }
    this.#ready.push(session);
    this.#isReproducible &&= session.reproducible;
    this.#tell('ready', session, '');
    this.#listener?.({ type: 'ready', session });
  }

  #tell(change: Parameters<CrewOptions['onChange']>[0], session: WorkerSession, why: string): void {
    this.#options.onChange(change, session.key, why, this.#ready.length);
  }

  #lose(session: WorkerSession, why: string): void {
    this.#spares.delete(session);
    if (!this.#invited.delete(session)) return;
    const at = this.#ready.indexOf(session);
    if (at >= 0) this.#ready.splice(at, 1);
    this.#tell('lost', session, why);
    this.#listener?.({ type: 'lost', session, why });
    const [spare] = this.#spares;
    if (spare) {
      this.#spares.delete(spare);
      this.#consider(spare);
    }
  }
}

/** Workers that a job uses, with what to say where more were asked for than lanes exist. */
export function crewSize(workers: number, lanes: number): { size: number; note: string } {
  if (workers <= lanes) return { size: workers, note: '' };
  return {
    size: lanes,
    note: `${workers} workers for ${lanes} lanes: ${workers - lanes} stand by as spares. train.lanes: ${workers} would use them; that is another, equally exact model.`,
  };
}

/** A failure that a worker reports, as the error it was. */
function errorOf({ code, message, field, value, fix }: Failure__Output): LockstepError {
  const known = code in CATALOGUE ? (code as ErrorCode) : 'INTERNAL';
  return new LockstepError(known, { message, field, value, ...(fix ? { fix } : {}) });
}
