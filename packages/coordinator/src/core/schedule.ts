/** Which job gets which worker, and which jobs begin: in their order, past those that cannot run here. */

/** What a worker is to jobs. */
export interface Hand {
  /** The workers of one job are of one class. */
  readonly numericClass: string;
}

/** A job that has not ended. */
export interface Demand<W extends Hand> {
  readonly id: string;
  readonly hasBegun: boolean;
  /** Of a higher one first. */
  readonly priority: number;
  /** Workers without which it computes nothing. */
  readonly least: number;
  /** Workers that it asks for. */
  readonly wanted: number;
  /** Workers that it takes at most. */
  readonly size: number;
  readonly holds: ReadonlySet<W>;
  /** Jobs of one kind that have not begun fit the same workers. */
  readonly kind: string;
  /** Whether it could compute on a worker. */
  readonly fits: (worker: W) => boolean;
}

/** Connected workers. */
export interface Hands<W extends Hand> {
  readonly all: readonly W[];
  /** Those that no job holds. */
  readonly free: readonly W[];
}

/** What is to happen now. */
export interface Schedule<W extends Hand> {
  /** Jobs that begin, in their order. */
  readonly begins: readonly string[];
  /** Free workers with the job that gets each; where it has not begun, it begins. */
  readonly gives: ReadonlyMap<W, string>;
  /** Free workers that are kept until a job has as many as it needs, with that job. */
  readonly kept: ReadonlyMap<W, string>;
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
}

/**
 * Gives out free workers. Jobs are served in their order, each up to `wanted` workers of one class, once it
 * has `least` together. One that has too few, and could run if all connected workers were free, keeps every free one
 * that fits it from those behind; one that could not run keeps none. What is left lets jobs that run grow to `size`.
 * Where no job runs or can, the first begins without workers, so that its data is ready when they come.
 * @param demands of higher priority first, then in the order of submission
 */
export function schedule<W extends Hand>(demands: readonly Demand<W>[], { all, free }: Hands<W>): Schedule<W> {
  const open = new Set(free);
  const teamsOf = teamsAmong(all);
  const begins: string[] = [];
  const gives = new Map<W, string>();
  const kept = new Map<W, string>();
  const give = ({ id }: Demand<W>, workers: readonly W[]): void => {
    for (const worker of workers) {
      open.delete(worker);
      gives.set(worker, id);
    }
  };
  for (const demand of demands) {
    if (open.size === 0) break;
    const { id, hasBegun, least, wanted, holds } = demand;
    if (hasBegun && holds.size >= wanted) continue;
    const teams = teamsOf(demand).filter(({ length }) => length >= least);
    const most = longest(teams.map((team) => team.filter((worker) => open.has(worker))));
    if (holds.size + most.length >= least) {
      give(demand, most.slice(0, Math.max(0, wanted - holds.size)));
      if (!hasBegun) begins.push(id);
      continue;
    }
    for (const worker of teams.flat()) if (open.delete(worker)) kept.set(worker, id);
  }
  for (const demand of demands) {
    if (open.size === 0) break;
    const { hasBegun, least, wanted, size, holds } = demand;
    if (!hasBegun || holds.size < Math.max(least, wanted)) continue;
    const fitting = longest(teamsOf(demand)).filter((worker) => open.has(worker));
    give(demand, fitting.slice(0, size - holds.size));
  }
  const first = demands[0];
  if (first && begins.length === 0 && !demands.some(({ hasBegun }) => hasBegun)) begins.push(first.id);
  return { begins, gives, kept };
}

/** Says why a job of a schedule has too few workers. */
export function shortfalls<W extends Hand>(
  { all, free }: Hands<W>,
  after: Schedule<W>,
): (demand: Demand<W>) => Shortfall {
  const teamsOf = teamsAmong(all);
  const left = new Set(free.filter((worker) => !after.gives.has(worker)));
  const look = onceForEachKind((demand: Demand<W>) => {
    const teams = teamsOf(demand);
    const fitting = teams.flat().filter((worker) => left.has(worker));
    const keepers = new Set(fitting.map((worker) => after.kept.get(worker)));
    return { fit: longest(teams).length, free: fitting.length, keepers };
  });
  return (demand) => {
    const { keepers, ...found } = look(demand);
    const keptFor = [...keepers].find((id) => id !== undefined && id !== demand.id) ?? null;
    return { ...found, connected: all.length, keptFor };
  };
}

/** Workers that could compute a job together, by class; with those that it holds where it holds some. */
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

/** Thousands of jobs that wait are of a few kinds. */
function onceForEachKind<W extends Hand, Found>(find: (demand: Demand<W>) => Found): (demand: Demand<W>) => Found {
  const known = new Map<string, Found>();
  return (demand) => {
    if (demand.hasBegun) return find(demand);
    const found = known.get(demand.kind) ?? find(demand);
    known.set(demand.kind, found);
    return found;
  };
}

/** The first of the longest; empty without any. */
function longest<W>(lists: readonly (readonly W[])[]): readonly W[] {
  return lists.reduce((best, list) => (list.length > best.length ? list : best), []);
}
