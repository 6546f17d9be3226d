/** In which order jobs are served: by priority, then by what their namespaces have of the workers, then as submitted. */
import type { Demand, Hand } from './demand.js';

/** How workers are shared among namespaces. */
export interface Sharing {
  /** What a namespace is due of the workers, relative to the others; above 0. */
  readonly weightOf: (namespace: string) => number;
  /** Workers that a namespace has at most, over all of its jobs. */
  readonly quotaOf: (namespace: string) => number;
}

/** All alike, as many as there are. */
export const EQUAL_SHARES: Sharing = { weightOf: () => 1, quotaOf: () => Number.POSITIVE_INFINITY };

/** What a namespace has, and what its jobs that were served and lack workers are still to get. */
interface Account<W> {
  readonly workers: Set<W>;
  promised: number;
  readonly promisedByKind: Map<string, number>;
  /** Its workers among those that jobs could use. */
  readonly counts: Map<string, Count<W>>;
}

/** How many of some workers are among useful ones. */
interface Count<W> {
  /** Of each class. */
  readonly useful: readonly ReadonlySet<W>[];
  workers: number;
}

/** Workers by namespace, as a schedule gives them out. */
export class Accounts<W extends Hand> {
  readonly #accounts = new Map<string, Account<W>>();
  readonly #given = new Map<string, number>();
  readonly #sharing: Sharing;
  readonly #teamsOf: (demand: Demand<W>) => readonly (readonly W[])[];
  readonly #sets = new WeakMap<readonly W[], ReadonlySet<W>>();

  /** @param teamsOf workers that could compute a job together, one list of each class */
  constructor(
    demands: readonly Demand<W>[],
    sharing: Sharing,
    teamsOf: (demand: Demand<W>) => readonly (readonly W[])[],
  ) {
    this.#sharing = sharing;
    this.#teamsOf = teamsOf;
    for (const { namespace, holds } of demands) for (const worker of holds) this.#of(namespace).workers.add(worker);
  }

  /** Workers that a job may get more before the quota of its namespace. */
  room({ namespace }: Demand<W>): number {
    const { workers, promised } = this.#of(namespace);
    return Math.max(0, this.#sharing.quotaOf(namespace) - workers.size - promised);
  }

  give({ id, namespace }: Demand<W>, workers: readonly W[]): void {
    const account = this.#of(namespace);
    for (const worker of workers) {
      account.workers.add(worker);
      for (const count of account.counts.values()) if (isAmong(worker, count.useful)) count.workers++;
    }
    this.#given.set(id, (this.#given.get(id) ?? 0) + workers.length);
  }

  /** A job was served: what it lacks to compute counts as its own for those behind it, unless it can never have that. */
  served(demand: Demand<W>): void {
    const { id, namespace, kind, least, holds } = demand;
    const lacks = least - holds.size - (this.#given.get(id) ?? 0);
    if (lacks <= 0 || least > this.#sharing.quotaOf(namespace) || this.#usefulTo(demand).length === 0) return;
    const account = this.#of(namespace);
    account.promised += lacks;
    account.promisedByKind.set(kind, (account.promisedByKind.get(kind) ?? 0) + lacks);
  }

  /**
   * What the namespace of a job has of the workers that the job could use, by its weight. Others do not count: a stream
   * of jobs on workers of one device must not keep a job of the same namespace from those of another.
   */
  level(demand: Demand<W>): number {
    const { namespace, kind } = demand;
    const account = this.#of(namespace);
    return (this.#count(demand, account) + (account.promisedByKind.get(kind) ?? 0)) / this.#sharing.weightOf(namespace);
  }

  #count(demand: Demand<W>, { workers, counts }: Account<W>): number {
    const { hasBegun, id, least, kind } = demand;
    const key = hasBegun ? `begun ${id}` : `${least} ${kind}`;
    const known = counts.get(key);
    if (known) return known.workers;
    const useful = this.#usefulTo(demand);
    const count = [...workers].filter((worker) => isAmong(worker, useful)).length;
    counts.set(key, { useful, workers: count });
    return count;
  }

  /** Workers that a job could compute on, of each class that has enough of them. */
  #usefulTo(demand: Demand<W>): readonly ReadonlySet<W>[] {
    return this.#teamsOf(demand).flatMap((team) => (team.length < demand.least ? [] : this.#setOf(team)));
  }

  #setOf(team: readonly W[]): ReadonlySet<W> {
    const known = this.#sets.get(team) ?? new Set(team);
    this.#sets.set(team, known);
    return known;
  }

  #of(namespace: string): Account<W> {
    const known = this.#accounts.get(namespace);
    if (known) return known;
    const account = { workers: new Set<W>(), promised: 0, promisedByKind: new Map(), counts: new Map() };
    this.#accounts.set(namespace, account);
    return account;
  }
}

function isAmong<W>(worker: W, sets: readonly ReadonlySet<W>[]): boolean {
  return sets.some((set) => set.has(worker));
}

/** A job at its place among all. */
interface Placed<W extends Hand> {
  readonly demand: Demand<W>;
  readonly at: number;
}

/** Jobs of one namespace and priority, as submitted. */
interface Line<W extends Hand> {
  readonly jobs: Placed<W>[];
  /** Index of the one whose turn is next. */
  next: number;
  /** Of its namespace, for that one. */
  level: number;
}

/**
 * Gives jobs their turns. Of one priority the namespace that has least for its weight comes first, of those that have
 * as much the job that was submitted first; the jobs of a namespace keep their order.
 */
export class Turns<W extends Hand> {
  readonly #demands: readonly Demand<W>[];
  readonly #accounts: Accounts<W>;
  readonly #urgencyOf: (demand: Demand<W>) => number;
  /** Of the demands that were not looked at yet, the first. */
  #at = 0;
  #urgent: Demand<W>[] = [];
  /** Lines that wait until nobody is urgent. */
  #closed: Line<W>[] = [];
  /** The last one is next. */
  readonly #open: Line<W>[] = [];
  #isAlone = true;
  #current: Line<W> | null = null;

  /**
   * @param demands of higher priority first, then as submitted
   * @param urgencyOf of jobs that come before all others of their priority, the highest first, then in their order; 0
   *   of those that take turns
   */
  constructor(demands: readonly Demand<W>[], accounts: Accounts<W>, urgencyOf: (demand: Demand<W>) => number) {
    this.#demands = demands;
    this.#accounts = accounts;
    this.#urgencyOf = urgencyOf;
  }

  /** The job whose turn it is; null once all had theirs. */
  next(): Demand<W> | null {
    if (this.#current) this.#enter(this.#current);
    this.#current = null;
    const urgent = this.#urgent.shift();
    if (urgent) return urgent;
    for (const line of this.#closed.splice(0)) this.#enter(line);
    const line = this.#open.pop();
    if (!line) return this.#openPriority() ? this.next() : null;
    this.#current = line;
    return line.jobs[line.next++]?.demand ?? null;
  }

  /** The job that has its turn stays the next of its namespace. */
  stays(): void {
    if (this.#current) this.#current.next--;
  }

  #openPriority(): boolean {
    const priority = this.#demands[this.#at]?.priority;
    const lines = new Map<string, Line<W>>();
    for (; this.#at < this.#demands.length; this.#at++) {
      const demand = this.#demands[this.#at] as Demand<W>;
      if (demand.priority !== priority) break;
      if (this.#urgencyOf(demand) > 0) {
        this.#urgent.push(demand);
        continue;
      }
      const line = lines.get(demand.namespace) ?? { jobs: [], next: 0, level: 0 };
      lines.set(demand.namespace, line);
      line.jobs.push({ demand, at: this.#at });
    }
    this.#urgent.sort((one, other) => this.#urgencyOf(other) - this.#urgencyOf(one));
    this.#closed = [...lines.values()];
    this.#isAlone = lines.size === 1;
    return priority !== undefined;
  }

  /** Puts a line at its place among those that are open. */
  #enter(line: Line<W>): void {
    const head = line.jobs[line.next];
    if (!head) return;
    if (!this.#isAlone) line.level = this.#accounts.level(head.demand);
    let low = 0;
    let high = this.#open.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comesBefore(line, this.#open[middle] as Line<W>)) low = middle + 1;
      else high = middle;
    }
    this.#open.splice(low, 0, line);
  }
}

function comesBefore<W extends Hand>(one: Line<W>, other: Line<W>): boolean {
  if (one.level !== other.level) return one.level < other.level;
  return (one.jobs[one.next]?.at ?? 0) < (other.jobs[other.next]?.at ?? 0);
}
