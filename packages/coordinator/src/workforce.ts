/** Shares the workers of a coordinator among its jobs: a worker works for one job at a time. */
import { hasDevice } from './eligibility.js';
import type { WorkerEvent, WorkerPool, WorkerSession, WorkerShare } from './ports.js';

/** Workers that a job holds. */
export interface Holding {
  readonly jobId: string;
  readonly count: number;
}

/** All workers, and who holds them. Jobs are served in the order in which they began. */
export class Workforce {
  readonly #pool: WorkerPool;
  readonly #shares: Share[] = [];
  readonly #holders = new Map<WorkerSession, Share>();
  readonly #onChange: () => void;
  #isTold = false;

  /** @param onChange told, soon after, when workers came, went or changed hands */
  constructor(pool: WorkerPool, onChange: () => void) {
    this.#pool = pool;
    this.#onChange = onChange;
    pool.listen((event) => this.#handle(event));
  }

  /** Workers that no job holds. */
  get free(): number {
    return this.#pool.sessions.filter((session) => !this.#holders.has(session)).length;
  }

  /** All workers that are connected. */
  get total(): number {
    return this.#pool.sessions.length;
  }

  /** What each job holds. */
  get holdings(): readonly Holding[] {
    return this.#shares.map((share) => ({ jobId: share.jobId, count: share.held.size }));
  }

  /**
   * Begins a job's share with free workers that have its device, `size` at most; they stay its own while it prepares.
   * @param device 'auto' takes any
   */
  open(jobId: string, size: number, device: string): WorkerShare {
    const share = new Share(
      jobId,
      { size, device },
      {
        sessions: () => this.#pool.sessions,
        holder: (session) => this.#holders.get(session) ?? null,
        othersHold: (own) => this.#shares.some((other) => other !== own && other.held.size > 0),
        take: (session, own) => this.#take(session, own),
        release: (session, own) => this.#release(session, own),
        close: (own) => this.#close(own),
      },
    );
    this.#shares.push(share);
    for (const session of this.#pool.sessions) share.reserve(session);
    return share;
  }

  #handle(event: WorkerEvent): void {
    if (event.type === 'joined') {
      for (const share of [...this.#shares]) share.tell(event);
      return;
    }
    const { session } = event;
    if (event.type === 'message') {
      this.#holders.get(session)?.tell(event);
      return;
    }
    if (event.type === 'attached') this.#offer(session, null);
    else {
      this.#holders.delete(session);
      for (const share of [...this.#shares]) share.lose(event);
    }
    this.#changed();
  }

  /** Offers a free worker to every job but the one that let it go, until one takes it. */
  #offer(session: WorkerSession, but: Share | null): void {
    for (const share of [...this.#shares]) {
      if (this.#holders.has(session)) return;
      if (share === but) continue;
      share.reserve(session);
      share.tell({ type: 'attached', session });
    }
  }

  #take(session: WorkerSession, share: Share): void {
    this.#holders.set(session, share);
    this.#changed();
  }

  #release(session: WorkerSession, share: Share): void {
    if (this.#holders.get(session) !== share) return;
    this.#holders.delete(session);
    share.held.delete(session);
    this.#offer(session, share);
    this.#changed();
  }

  #close(share: Share): void {
    const at = this.#shares.indexOf(share);
    if (at < 0) return;
    this.#shares.splice(at, 1);
    for (const session of [...share.held]) this.#release(session, share);
    this.#changed();
  }

  #changed(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    queueMicrotask(() => {
      this.#isTold = false;
      this.#onChange();
    });
  }
}

/** What a share asks of the workforce. */
interface Office {
  readonly sessions: () => readonly WorkerSession[];
  readonly holder: (session: WorkerSession) => Share | null;
  readonly othersHold: (share: Share) => boolean;
  readonly take: (session: WorkerSession, share: Share) => void;
  readonly release: (session: WorkerSession, share: Share) => void;
  readonly close: (share: Share) => void;
}

class Share implements WorkerShare {
  readonly jobId: string;
  readonly held = new Set<WorkerSession>();
  readonly #wants: { readonly size: number; readonly device: string };
  readonly #office: Office;
  #listener: ((event: WorkerEvent) => void) | null = null;

  constructor(jobId: string, wants: { readonly size: number; readonly device: string }, office: Office) {
    this.jobId = jobId;
    this.#wants = wants;
    this.#office = office;
  }

  get sessions(): readonly WorkerSession[] {
    const free = this.#office.sessions().filter((session) => this.#office.holder(session) === null);
    return [...this.held, ...free];
  }

  get isAlone(): boolean {
    return !this.#office.othersHold(this);
  }

  listen(listener: (event: WorkerEvent) => void): () => void {
    this.#listener = listener;
    return () => {
      this.#listener = null;
    };
  }

  claim(session: WorkerSession): boolean {
    const holder = this.#office.holder(session);
    if (holder !== null) return holder === this;
    this.held.add(session);
    this.#office.take(session, this);
    return true;
  }

  release(session: WorkerSession): void {
    this.#office.release(session, this);
  }

  close(): void {
    this.#listener = null;
    this.#office.close(this);
  }

  /** Takes a free worker for a crew that is still to come. */
  reserve(session: WorkerSession): void {
    const { size, device } = this.#wants;
    if (this.#listener || this.held.size >= size || !hasDevice(session, device)) return;
    if (this.#office.holder(session) === null) this.claim(session);
  }

  lose(event: Extract<WorkerEvent, { type: 'detached' }>): void {
    this.held.delete(event.session);
    this.tell(event);
  }

  tell(event: WorkerEvent): void {
    this.#listener?.(event);
  }
}
