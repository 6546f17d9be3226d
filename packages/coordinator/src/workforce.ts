/** Shares the workers of a coordinator among its jobs: a worker works for one job at a time. */
import type { Demand, Hands } from './core/demand.js';
import { preemption } from './core/preemption.js';
import { keepers, type Schedule, type Shortfall, schedule, shortfalls } from './core/schedule.js';
import { EQUAL_SHARES, type Sharing } from './core/turns.js';
import type { CrewSize } from './crew-size.js';
import { type ComputeNeeds, meets } from './eligibility.js';
import type { WorkerEvent, WorkerPool, WorkerSession, WorkerShare } from './ports.js';

/** All workers, who holds them and who is to get them, as {@link schedule} says. */
export class Workforce {
  readonly #pool: WorkerPool;
  /** Of jobs that want workers: of higher priority first, then in the order of their submission. Turns are the schedule's. */
  readonly #shares: Share[] = [];
  readonly #holders = new Map<WorkerSession, Share>();
  readonly #onChange: () => void;
  readonly #sharing: Sharing;
  /** What is to happen; null once something has changed. */
  #schedule: Schedule<WorkerSession> | null = null;
  /** What jobs lack under a schedule. */
  #look: { readonly plan: Schedule<WorkerSession>; readonly of: (share: Share) => Shortfall } | null = null;
  #isTold = false;
  #isOffering = false;
  /** A worker was claimed since the plan that is carried out was made. */
  #hasClaimed = false;

  /**
   * @param onChange told, soon after, when workers came, went or changed hands
   * @param sharing of the workers among namespaces
   */
  constructor(pool: WorkerPool, onChange: () => void, sharing: Sharing = EQUAL_SHARES) {
    this.#pool = pool;
    this.#onChange = onChange;
    this.#sharing = sharing;
    pool.listen((event) => this.#handle(event));
  }

  /** Jobs that are to begin now, in their order. */
  get begins(): readonly string[] {
    return this.#plan.begins;
  }

  /** Jobs that have not begun, in the order of their turn. */
  get waiting(): readonly string[] {
    return this.#plan.order().flatMap(({ hasBegun, id }) => (hasBegun ? [] : [id]));
  }

  /** Jobs that are to make room for one of higher priority, with that job; none while others still do. */
  get preempted(): ReadonlyMap<string, string> {
    if (this.#shares.some(({ isLeaving }) => isLeaving)) return new Map();
    const canYield = ({ mayYield }: Share): boolean => mayYield();
    const found = preemption(this.#shares, this.#hands, this.#plan, canYield, this.#sharing);
    return new Map(found?.victims.map((victim) => [victim, found.for]));
  }

  /** Takes a job in, behind all that come before it. It gets workers once it has begun; they stay its own while it prepares. */
  enter(wish: JobWish): JobShare {
    const share = new Share(wish, {
      sessions: () => this.#pool.sessions.filter((session) => session.serves(wish.namespace)),
      holder: (session) => this.#holders.get(session) ?? null,
      isOpen: (session, own) => this.#isOpen(session, own),
      isAlone: (own) => this.#isAlone(own),
      shortfall: (own) => this.#shortfall(own),
      begin: () => this.#changed(),
      reconsider: () => {
        this.#schedule = null;
      },
      claim: (session, own) => this.#claim(session, own),
      release: (session, own) => this.#release(session, own),
      leave: (own) => this.#leave(own),
      close: (own) => this.#close(own),
    });
    const behind = this.#shares.findIndex((other) => comesBefore(wish, other.wish));
    this.#shares.splice(behind < 0 ? this.#shares.length : behind, 0, share);
    this.#schedule = null;
    return share;
  }

  /** Whether a worker works for a job now. */
  worksFor(workerId: string, jobId: string): boolean {
    return [...this.#holders].some(([{ key }, { id }]) => key.workerId === workerId && id === jobId);
  }

  /** The job that a worker works for; null where it is free. */
  holderOf(session: WorkerSession): { readonly id: string; readonly namespace: string } | null {
    return this.#holders.get(session) ?? null;
  }

  get #hands(): Hands<WorkerSession> {
    const all = this.#pool.sessions;
    return { all, free: all.filter((session) => !this.#holders.has(session)) };
  }

  get #plan(): Schedule<WorkerSession> {
    if (this.#schedule) return this.#schedule;
    const plan = schedule<WorkerSession>(this.#shares, this.#hands, this.#sharing);
    const keeping = keepers(plan);
    for (const share of this.#shares) share.hasKept ||= keeping.has(share.id);
    this.#schedule = plan;
    return plan;
  }

  /** Whether a job may get more workers that come: no other has any, and its quota has room. */
  #isAlone(own: Share): boolean {
    if (own.holds.size >= this.#sharing.quotaOf(own.namespace)) return false;
    return this.#plan.kept.size === 0 && this.#shares.every((other) => other === own || other.holds.size === 0);
  }

  #shortfall(share: Share): Shortfall {
    const plan = this.#plan;
    if (this.#look?.plan !== plan) {
      this.#look = { plan, of: shortfalls(this.#shares, this.#hands, plan, this.#sharing) };
    }
    return this.#look.of(share);
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
    this.#schedule = null;
    if (event.type === 'detached') {
      this.#holders.delete(session);
      for (const share of this.#shares) share.holds.delete(session);
      for (const share of [...this.#shares]) share.tell(event);
    }
    this.#changed();
  }

  /** Whether a job may look at a free worker: no earlier one keeps it. */
  #isOpen(session: WorkerSession, own: Share): boolean {
    const { kept, places } = this.#plan;
    const keeper = kept.get(session);
    return keeper === undefined || (places.get(own.id) ?? Number.POSITIVE_INFINITY) <= (places.get(keeper) ?? 0);
  }

  #claim(session: WorkerSession, share: Share): boolean {
    if (this.#plan.gives.get(session) !== share.id || !share.hasBegun) return false;
    this.#holders.set(session, share);
    share.holds.add(session);
    if (share.holds.size >= share.least) share.hasKept = false;
    this.#hasClaimed = true;
    // What else the plan gives still holds: it is carried out before another is made.
    if (!this.#isOffering) this.#schedule = null;
    this.#offer();
    this.#tellSoon();
    return true;
  }

  #release(session: WorkerSession, share: Share): void {
    if (this.#holders.get(session) === share) this.#holders.delete(session);
    share.holds.delete(session);
    this.#changed();
  }

  #leave(share: Share): void {
    for (const session of share.holds) this.#holders.delete(session);
    share.holds.clear();
    this.#changed();
  }

  #close(share: Share): void {
    const at = this.#shares.indexOf(share);
    if (at < 0) return;
    this.#shares.splice(at, 1);
    this.#leave(share);
  }

  /** Gives out what is free, and tells of it. */
  #changed(): void {
    this.#schedule = null;
    this.#offer();
    this.#tellSoon();
  }

  #tellSoon(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    queueMicrotask(() => {
      this.#isTold = false;
      this.#onChange();
    });
  }

  /** Shows free workers to the jobs that have begun, until nothing changes any more: a crew may want another one. */
  #offer(): void {
    if (this.#isOffering) return;
    this.#isOffering = true;
    for (let pass = 0; pass <= this.#pool.sessions.length; pass++) {
      const before = this.#plan;
      this.#hasClaimed = false;
      for (const session of this.#hands.free) this.#show(session);
      if (this.#hasClaimed) this.#schedule = null;
      else if (this.#plan === before) break;
    }
    this.#isOffering = false;
  }

  #show(session: WorkerSession): void {
    for (const share of [...this.#shares]) {
      if (this.#holders.has(session)) return;
      if (!share.hasBegun || !session.serves(share.wish.namespace) || !this.#isOpen(session, share)) continue;
      share.offer(session);
    }
  }
}

/** A job as the workforce sees it. */
export interface JobWish extends ComputeNeeds {
  readonly jobId: string;
  readonly size: CrewSize;
  /** Workers that may not work for it are as if they were not there. */
  readonly namespace: string;
  readonly priority: number;
  /** Its place: of jobs of one priority the least comes first. */
  readonly order: number;
  /** Whether it may be told to make room now. */
  readonly mayYield: () => boolean;
}

function comesBefore(one: JobWish, other: JobWish): boolean {
  if (one.priority !== other.priority) return one.priority > other.priority;
  return one.order < other.order;
}

/** The place of a job in the queue, and its workers once it has begun. */
export interface JobShare extends WorkerShare {
  readonly hasBegun: boolean;
  /** Workers without which it computes nothing. */
  readonly least: number;
  /** Number of workers that it holds. */
  readonly held: number;
  /** What it lacks. */
  readonly shortfall: Shortfall;
  /** From now on it gets workers. */
  begin(): void;
  /** It was told to make room: until it has left, nobody else is. */
  leaving(): void;
  /** Lets all workers go, and waits for its turn again. */
  leave(): void;
}

/** What a share asks of the workforce. */
interface Office {
  readonly sessions: () => readonly WorkerSession[];
  readonly holder: (session: WorkerSession) => Share | null;
  readonly isOpen: (session: WorkerSession, share: Share) => boolean;
  readonly isAlone: (share: Share) => boolean;
  readonly shortfall: (share: Share) => Shortfall;
  readonly begin: () => void;
  readonly reconsider: () => void;
  readonly claim: (session: WorkerSession, share: Share) => boolean;
  readonly release: (session: WorkerSession, share: Share) => void;
  readonly leave: (share: Share) => void;
  readonly close: (share: Share) => void;
}

class Share implements JobShare, Demand<WorkerSession> {
  readonly id: string;
  readonly namespace: string;
  readonly wish: JobWish;
  readonly least: number;
  readonly wanted: number;
  readonly size: number;
  readonly priority: number;
  readonly holds = new Set<WorkerSession>();
  hasBegun = false;
  hasKept = false;
  isLeaving = false;
  /** Its device, its engine and its namespace: jobs of one kind compete for the same workers. */
  readonly kind: string;
  readonly #office: Office;
  /** Workers that its crew has no use for. */
  #declined = new WeakSet<WorkerSession>();
  #listener: ((event: WorkerEvent) => void) | null = null;

  constructor(wish: JobWish, office: Office) {
    this.wish = wish;
    this.id = wish.jobId;
    this.namespace = wish.namespace;
    this.least = wish.size.least;
    this.wanted = wish.size.wanted;
    this.size = wish.size.size;
    this.priority = wish.priority;
    this.kind = JSON.stringify([wish.device, wish.engine, wish.namespace]);
    this.#office = office;
  }

  get mayYield(): () => boolean {
    return this.wish.mayYield;
  }

  get held(): number {
    return this.holds.size;
  }

  get connected(): readonly WorkerSession[] {
    return this.#office.sessions();
  }

  get sessions(): readonly WorkerSession[] {
    const { sessions, holder, isOpen } = this.#office;
    const free = sessions().filter((session) => holder(session) === null && isOpen(session, this));
    return [...this.holds, ...free];
  }

  get isAlone(): boolean {
    return this.#office.isAlone(this);
  }

  get shortfall(): Shortfall {
    return this.#office.shortfall(this);
  }

  readonly fits = (session: WorkerSession): boolean =>
    meets(session, this.wish) && session.serves(this.wish.namespace) && !this.#declined.has(session);

  begin(): void {
    this.hasBegun = true;
    this.#office.begin();
  }

  leaving(): void {
    this.isLeaving = true;
  }

  leave(): void {
    this.isLeaving = false;
    this.hasBegun = false;
    this.hasKept = false;
    this.#listener = null;
    this.#declined = new WeakSet();
    this.#office.leave(this);
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
    if (this.#declined.delete(session)) this.#office.reconsider();
    return this.#office.claim(session, this);
  }

  release(session: WorkerSession): void {
    const isNew = !this.#declined.has(session);
    this.#declined.add(session);
    if (isNew || this.holds.has(session)) this.#office.release(session, this);
  }

  close(): void {
    this.#listener = null;
    this.#office.close(this);
  }

  /** Takes a free worker for a crew that is still to come, or lets the crew choose. */
  offer(session: WorkerSession): void {
    if (this.#listener) this.#listener({ type: 'attached', session });
    else this.claim(session);
  }

  tell(event: WorkerEvent): void {
    this.#listener?.(event);
  }
}
