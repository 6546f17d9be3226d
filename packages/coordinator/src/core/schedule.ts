/** Which job gets which worker, and which jobs begin: in their turns, past those that cannot run here. */
import type { Demand, Hand, Hands } from './demand.js';
import { Accounts, EQUAL_SHARES, type Sharing, Turns } from './turns.js';

/** What is to happen now. */
export interface Schedule<W extends Hand> {
  /** Jobs that begin, in the order of their turns. */
  readonly begins: readonly string[];
  /** Free workers with the job that gets each; where it has not begun, it begins. */
  readonly gives: ReadonlyMap<W, string>;
  /** Free workers that are kept until a job has as many as it needs, with that job. */
  readonly kept: ReadonlyMap<W, string>;
  /** Places of the jobs that had a turn before no worker was left; others come behind them. */
  readonly places: ReadonlyMap<string, number>;
  /** All jobs that have less than they ask for, in the order of their turns. */
  order(): readonly Demand<W>[];
}

/** Why a job waits, in numbers. */
export interface Shortfall {
  /** Most connected workers that could compute it together, whoever holds them. */
  readonly fit: number;
  readonly connected: number;
  /** Of those that fit, what no job has or gets. */
  readonly free: number;
  /** The earlier job that free ones are kept for; null without one. */
  readonly keptFor: string | null;
  /** What its namespace has of those that fit, of any class; null where no other namespace has a job. */
  readonly share: NamespaceShare | null;
  /** The quota of its namespace, where that is what keeps the job from beginning. */
  readonly quota: NamespaceQuota | null;
}

/** The part of a namespace in the workers that fit a job. */
export interface NamespaceShare {
  readonly namespace: string;
  readonly fit: number;
  readonly inUse: number;
  /** Its part of `fit` by the weights of the namespaces that have jobs. */
  readonly due: number;
}

/** A namespace that may not have more workers. */
export interface NamespaceQuota {
  readonly namespace: string;
  readonly inUse: number;
  readonly most: number;
}

/**
 * Gives out free workers. Jobs have their {@link Turns}; each gets up to `wanted` workers of one class, once it
 * has `least` together. One that has too few, and could run if all connected workers were free, keeps every free one
 * that fits it from those behind; one that could not run, or not within the quota of its namespace, keeps none. What is
 * left lets jobs that run grow to `size`, one worker a turn. Where no job runs or can, the first begins without workers,
 * so that its data is ready when they come.
 * @param demands of higher priority first, then in the order of submission
 */
export function schedule<W extends Hand>(
  demands: readonly Demand<W>[],
  { all, free }: Hands<W>,
  sharing: Sharing = EQUAL_SHARES,
): Schedule<W> {
  const open = new Set(free);
  const teamsOf = teamsAmong(all);
  const accounts = new Accounts(demands, sharing, teamsOf);
  const wanting = demands.filter(({ hasBegun, holds, wanted }) => !hasBegun || holds.size < wanted);
  const turns = new Turns(wanting, accounts, urgencyOf);
  const order: Demand<W>[] = [];
  const begins: string[] = [];
  const gives = new Map<W, string>();
  const kept = new Map<W, string>();
  const take = (): Demand<W> | null => {
    const last = order.at(-1);
    if (last) accounts.served(last);
    const demand = turns.next();
    if (demand) order.push(demand);
    return demand;
  };
  const give = (demand: Demand<W>, workers: readonly W[]): void => {
    accounts.give(demand, workers);
    for (const worker of workers) {
      open.delete(worker);
      gives.set(worker, demand.id);
    }
  };
  const serve = (demand: Demand<W>): void => {
    const { id, hasBegun, least, wanted, holds } = demand;
    const teams = teamsOf(demand).filter(({ length }) => length >= least);
    const most = longest(teams.map((team) => team.filter((worker) => open.has(worker))));
    const room = accounts.room(demand);
    if (holds.size + Math.min(most.length, room) >= least) {
      give(demand, most.slice(0, Math.max(0, Math.min(wanted - holds.size, room))));
      if (!hasBegun) begins.push(id);
    } else if (holds.size + room >= least) {
      for (const worker of teams.flat()) if (open.delete(worker)) kept.set(worker, id);
    }
  };
  while (open.size > 0) {
    const demand = take();
    if (!demand) break;
    serve(demand);
  }
  const places = new Map(order.map(({ id }, at) => [id, at]));
  if (open.size > 0) grow(demands, { accounts, teamsOf, open, give });
  const everyone = (): readonly Demand<W>[] => {
    while (take());
    return order;
  };
  if (begins.length === 0 && !demands.some(({ hasBegun }) => hasBegun)) {
    const first = order[0] ?? take();
    if (first) begins.push(first.id);
  }
  return { begins, gives, kept, places, order: everyone };
}

/** Whoever holds too few to compute holds them in vain; whoever once had workers kept for it must not lose them to others. */
function urgencyOf<W extends Hand>({ hasKept, holds, least }: Demand<W>): number {
  if (holds.size >= least) return 0;
  if (holds.size > 0) return 2;
  return hasKept ? 1 : 0;
}

/**
 * Jobs that workers are kept for once a schedule is carried out: from now on they have kept some. None before that, so
 * that nobody comes between a job and what it is given.
 */
export function keepers<W extends Hand>({ begins, gives, kept }: Schedule<W>): ReadonlySet<string> {
  return new Set(begins.length === 0 && gives.size === 0 ? kept.values() : []);
}

/** Lets jobs that run have what nobody waits for: of one priority those whose namespaces have least first. */
function grow<W extends Hand>(
  demands: readonly Demand<W>[],
  parts: {
    readonly accounts: Accounts<W>;
    readonly teamsOf: (demand: Demand<W>) => W[][];
    readonly open: ReadonlySet<W>;
    readonly give: (demand: Demand<W>, workers: readonly W[]) => void;
  },
): void {
  const { accounts, teamsOf, open, give } = parts;
  const growing = demands.filter(
    ({ hasBegun, holds, least, wanted, size }) =>
      hasBegun && holds.size >= Math.max(least, wanted) && holds.size < size,
  );
  const growths = new Map<string, { more: number; readonly among: W[] }>();
  const turns = new Turns(growing, accounts, () => 0);
  for (let demand = turns.next(); demand && open.size > 0; demand = turns.next()) {
    const { id, size, holds } = demand;
    // The first comes last, to be taken from the end.
    const growth = growths.get(id) ?? { more: size - holds.size, among: longest(teamsOf(demand)).toReversed() };
    growths.set(id, growth);
    if (growth.more-- === 0 || accounts.room(demand) === 0) continue;
    let worker = growth.among.pop();
    while (worker && !open.has(worker)) worker = growth.among.pop();
    if (!worker) continue;
    give(demand, [worker]);
    turns.stays();
  }
}

/** Says why a job of a schedule has too few workers. */
export function shortfalls<W extends Hand>(
  demands: readonly Demand<W>[],
  { all, free }: Hands<W>,
  after: Schedule<W>,
  { weightOf, quotaOf }: Sharing = EQUAL_SHARES,
): (demand: Demand<W>) => Shortfall {
  const teamsOf = teamsAmong(all);
  const left = new Set(free.filter((worker) => !after.gives.has(worker)));
  const inUse = workersInUse(demands, after);
  const weights = [...new Set(demands.map(({ namespace }) => namespace))].map(weightOf);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const look = onceForEachKind((demand: Demand<W>) => {
    const { namespace } = demand;
    const teams = teamsOf(demand);
    const able = teams.flat();
    const fitting = able.filter((worker) => left.has(worker));
    const keepers = new Set(fitting.map((worker) => after.kept.get(worker)));
    const own = inUse.get(namespace) ?? new Set();
    const due = (able.length * weightOf(namespace)) / total;
    const share = { namespace, fit: able.length, inUse: able.filter((worker) => own.has(worker)).length, due };
    return {
      ...{ fit: longest(teams).length, free: fitting.length, keepers },
      share: weights.length > 1 ? share : null,
      quota: { namespace, inUse: own.size, most: quotaOf(namespace) },
    };
  });
  return (demand) => {
    const { keepers, quota, ...found } = look(demand);
    const keptFor = [...keepers].find((id) => id !== undefined && id !== demand.id) ?? null;
    const isCapped = quota.inUse - demand.holds.size + demand.least > quota.most;
    return { ...found, quota: isCapped ? quota : null, connected: all.length, keptFor };
  };
}

/** Workers that the jobs of each namespace have once a schedule is carried out. */
export function workersInUse<W extends Hand>(
  demands: readonly Demand<W>[],
  { gives }: Schedule<W>,
): ReadonlyMap<string, ReadonlySet<W>> {
  const found = new Map<string, Set<W>>();
  const namespaceOf = new Map(demands.map(({ id, namespace }) => [id, namespace]));
  const add = (namespace: string, worker: W): void => {
    found.set(namespace, (found.get(namespace) ?? new Set()).add(worker));
  };
  for (const { namespace, holds } of demands) for (const worker of holds) add(namespace, worker);
  for (const [worker, id] of gives) add(namespaceOf.get(id) ?? '', worker);
  return found;
}

/** Workers that could compute a job together, one list of each class; with those that it holds where it holds some. */
export function teamsAmong<W extends Hand>(all: readonly W[]): (demand: Demand<W>) => W[][] {
  return onceForEachKind(({ holds, fits }: Demand<W>) => {
    const [held] = holds;
    const teams = new Map<string, W[]>();
    for (const worker of all) {
      if (!holds.has(worker) && !fits(worker)) continue;
      if (held && worker.numericClass !== held.numericClass) continue;
      const team = teams.get(worker.numericClass);
      if (team) team.push(worker);
      else teams.set(worker.numericClass, [worker]);
    }
    return [...teams.values()];
  });
}

/** Thousands of jobs that wait are of a few kinds; each that has begun is of its own. */
function onceForEachKind<W extends Hand, Found>(find: (demand: Demand<W>) => Found): (demand: Demand<W>) => Found {
  const waiting = new Map<string, Found>();
  const begun = new Map<string, Found>();
  return (demand) => {
    const [known, key] = demand.hasBegun ? [begun, demand.id] : [waiting, demand.kind];
    const found = known.get(key) ?? find(demand);
    known.set(key, found);
    return found;
  };
}

/** The first of the longest; empty without any. */
function longest<W>(lists: readonly (readonly W[])[]): readonly W[] {
  return lists.reduce((best, list) => (list.length > best.length ? list : best), []);
}
