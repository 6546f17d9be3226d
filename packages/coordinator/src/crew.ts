/** The workers of one job: plans go out, ready ones come in, lost ones are replaced by spares. */
import type { Failure__Output, JobPlan, JobReady__Output, TrainRequest__Output } from '@lockstep/protocol';
import { CATALOGUE, type ErrorCode, LockstepError } from '@lockstep/protocol/core';
import { isSame, type WorkerKey } from './core/lane-state.js';
import { GANG_TIMEOUT_MS, MAX_REFUSALS } from './limits.js';
import type { WorkerEvent, WorkerSession, WorkerShare } from './ports.js';

/** What happens to a crew. */
export type CrewEvent =
  | { readonly type: 'ready'; readonly session: WorkerSession }
  | { readonly type: 'lost'; readonly session: WorkerSession; readonly why: string }
  | Extract<WorkerEvent, { type: 'message' }>;

/** What a crew is made of. */
export interface CrewOptions {
  readonly pool: WorkerShare;
  readonly plan: JobPlan;
  /** Workers wanted at most: the job's workers, and never more than lanes. */
  readonly size: number;
  /** Workers without which the job does not begin. */
  readonly least: number;
  /** Class that workers must be of; '' takes that of the first. */
  readonly numericClass: string;
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
  readonly #unlisten: () => void;
  #listener: ((event: CrewEvent) => void) | null = null;
  #numericClass = '';
  #isReproducible = true;
  /** What workers refused the plan with. */
  readonly #refusals: LockstepError[] = [];

  constructor(options: CrewOptions) {
    this.#options = options;
    this.#numericClass = options.numericClass;
    this.#unlisten = options.pool.listen((event) => this.#handle(event));
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
   * Waits until all workers are ready; after a while, or where other jobs hold the rest, the least number is enough. Calls `waiting` with numbers when it has to wait.
   * @throws LockstepError what workers refused the plan with, when several did and none is ready
   */
  async gather(waiting: (why: string) => void, signal: AbortSignal): Promise<void> {
    const { size, least, pool } = this.#options;
    const started = performance.now();
    while (this.#ready.length < size) {
      signal.throwIfAborted();
      const leftMs = started + GANG_TIMEOUT_MS - performance.now();
      const refusal = this.#refusals.at(-1);
      const isAll = this.#ready.length === this.#invited.size && !pool.isAlone;
      if (this.#ready.length >= least && (leftMs <= 0 || isAll)) return;
      if (this.#ready.length === 0 && refusal && this.#refusals.length >= Math.min(size, MAX_REFUSALS)) throw refusal;
      waiting(`${this.#ready.length} of ${size} workers are ready`);
      await this.#change(signal, leftMs > 0 ? leftMs : GANG_TIMEOUT_MS);
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
        this.#listener = null;
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener('abort', done, { once: true });
      this.#listener = done;
    });
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
    if (this.#unfit.has(session)) return;
    const { pool, size } = this.#options;
    if (this.#numericClass !== '' && session.numericClass !== this.#numericClass) {
      const why = `NUMERIC_CLASS_MISMATCH: it is ${session.numericClass}, the job is ${this.#numericClass}`;
      this.#unfit.add(session);
      this.#tell('refused', session, why);
      pool.release(session);
      return;
    }
    if (this.#invited.size >= size) {
      if (!this.#spares.has(session)) this.#tell('spare', session, `the job takes ${size} workers`);
      this.#spares.add(session);
      return;
    }
    if (!pool.claim(session)) return;
    this.#numericClass ||= session.numericClass;
    this.#invited.add(session);
    session.send({ jobPlan: this.#options.plan });
  }

  #welcome(session: WorkerSession, { jobId, failure }: JobReady__Output): void {
    if (jobId !== this.#options.plan.jobId || !this.#invited.has(session) || this.#ready.includes(session)) return;
    if (failure) {
      this.#refusals.push(errorOf(failure));
      this.#unfit.add(session);
      this.#lose(session, `${failure.code}: ${failure.message}`);
      this.#options.pool.release(session);
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
    for (const spare of [...this.#spares]) {
      if (this.#invited.size >= this.#options.size) return;
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
