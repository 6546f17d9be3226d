/** Which running jobs make room for a waiting one of higher priority. */
import type { Demand, Hand, Hands } from './demand.js';
import { type Schedule, schedule, teamsAmong, workersInUse } from './schedule.js';
import { EQUAL_SHARES, type Sharing } from './turns.js';

/** Jobs that have begun and are to let go of their workers, for a job that waits. */
export interface Preemption {
  readonly for: string;
  /** At least one. */
  readonly victims: readonly string[];
}

/**
 * Finds room for the first waiting job that has too few workers of one class and would have enough with those of jobs of
 * lower priority. Takes from the lowest priority first, of one priority from the newest first, and from no more jobs
 * than it must. A quota is never made room for: it is the namespace's own jobs that fill it. Nor is room made in vain:
 * what is let go changes the turns, so that the job has to begin in the schedule that follows.
 * @param demands as they were scheduled
 * @param canYield whether a job may be asked to let go
 * @returns null where nobody is to make room
 */
export function preemption<W extends Hand, D extends Demand<W>>(
  demands: readonly D[],
  { all, free }: Hands<W>,
  plan: Schedule<W>,
  canYield: (demand: D) => boolean,
  sharing: Sharing = EQUAL_SHARES,
): Preemption | null {
  const lowest = Math.min(...demands.filter(({ hasBegun }) => hasBegun).map(({ priority }) => priority));
  const teamsOf = teamsAmong(all);
  if (!demands.some(({ hasBegun, priority }) => !hasBegun && priority > lowest)) return null;
  const begins = new Set(plan.begins);
  const left = new Set(free.filter((worker) => !plan.gives.has(worker)));
  const inUse = workersInUse(demands, plan);
  const vain = new Set<string>();
  for (const demand of plan.order()) {
    const { id, hasBegun, least, priority, namespace, kind } = demand;
    if (priority <= lowest) return null;
    if (hasBegun || begins.has(id)) continue;
    if ((inUse.get(namespace)?.size ?? 0) + least > sharing.quotaOf(namespace)) continue;
    // Its equals come after it.
    const equals = `${priority} ${least} ${kind}`;
    if (vain.has(equals)) continue;
    const isOpen = (worker: W): boolean => {
      const keeper = plan.kept.get(worker);
      return left.has(worker) && (keeper === undefined || keeper === id);
    };
    const lower = demands.filter((other) => other.priority < priority && other.hasBegun && canYield(other));
    const victims = teamsOf(demand)
      .map((team) => chosen(team, { isOpen, lower, least }))
      .filter((found) => found !== null)
      .sort((one, other) => one.length - other.length)[0];
    if (!victims?.length) continue;
    if (beginsWithout(new Set(victims), demand, { demands, hands: { all, free }, sharing })) {
      return { for: id, victims: victims.map((victim) => victim.id) };
    }
    vain.add(equals);
  }
  return null;
}

/** Whether a job begins once others have let go. */
function beginsWithout<W extends Hand>(
  victims: ReadonlySet<Demand<W>>,
  { id }: Demand<W>,
  before: { readonly demands: readonly Demand<W>[]; readonly hands: Hands<W>; readonly sharing: Sharing },
): boolean {
  const { demands, hands, sharing } = before;
  const after = demands.map((demand) => (victims.has(demand) ? waitsAgain(demand) : demand));
  const freed = [...victims].flatMap(({ holds }) => [...holds]);
  return schedule(after, { all: hands.all, free: [...hands.free, ...freed] }, sharing).begins.includes(id);
}

function waitsAgain<W extends Hand>({
  id,
  namespace,
  priority,
  least,
  wanted,
  size,
  kind,
  fits,
}: Demand<W>): Demand<W> {
  return {
    id,
    namespace,
    priority,
    least,
    wanted,
    size,
    kind,
    fits,
    hasBegun: false,
    hasKept: false,
    holds: new Set(),
  };
}

/** The jobs whose workers of a team, with those that are open, are as many as are needed; null where they are too few. */
function chosen<W extends Hand>(
  team: readonly W[],
  needed: { readonly isOpen: (worker: W) => boolean; readonly lower: readonly Demand<W>[]; readonly least: number },
): readonly Demand<W>[] | null {
  const { isOpen, lower, least } = needed;
  const given = ({ holds }: Demand<W>): number => team.filter((worker) => holds.has(worker)).length;
  const missing = least - team.filter(isOpen).length;
  const taken: Demand<W>[] = [];
  let found = 0;
  for (const victim of lower.toReversed()) {
    if (found >= missing) break;
    if (given(victim) === 0) continue;
    taken.push(victim);
    found += given(victim);
  }
  if (found < missing) return null;
  // Those taken last hold the most important work: whoever is not needed after all is spared, they first.
  for (const victim of taken.toReversed()) {
    if (found - given(victim) < missing) continue;
    taken.splice(taken.indexOf(victim), 1);
    found -= given(victim);
  }
  return taken;
}
