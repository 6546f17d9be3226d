/** Gives lanes that nobody computes to workers. Pure. */
import {
  type Assignment,
  idleWorkers,
  isOwing,
  isSame,
  type LaneDecision,
  type LaneState,
  missingLanes,
  nothing,
  type WorkerKey,
} from './lane-state.js';
import { isSuspect, isWithheld } from './poison.js';

/** A state whose lanes were taken from workers, with those that nobody computes or has delivered noted as pending. */
export function withPending(state: LaneState): LaneState {
  const taken = new Set([...state.done, ...state.assignments.flatMap(({ lanes }) => lanes)]);
  return { ...state, pending: state.lanes.filter((lane) => !taken.has(lane)) };
}

/** Gives every pending lane to the workers with the least to do. */
export function assignPending(state: LaneState, why: string, nowMs: number): LaneDecision {
  const { pending } = state;
  if (pending.length === 0) return nothing(state, why);
  if (state.workers.length === 0) return nothing(state, `${why}; ${pending.length} lanes wait for a worker`);
  if (state.owners) return assigned(state, toOwners(state, state.owners, nowMs), why);
  const spread = spreadLanes(
    state,
    pending.filter((lane) => !isSuspect(state, lane)),
    nowMs,
  );
  const added = [...spread];
  for (const lane of pending.filter((candidate) => isSuspect(state, candidate) && !isWithheld(state, candidate))) {
    const now = withAdded(state, added);
    const idle = idleWorkers(now);
    const worker = candidates(state, [lane]).find((candidate) => idle.includes(candidate));
    if (worker) added.push({ worker, attempt: now.nextAttempt, lanes: [lane], sinceMs: nowMs, returned: [] });
  }
  return assigned(state, added, why);
}

function assigned(state: LaneState, added: readonly Assignment[], why: string): LaneDecision {
  const { pending } = state;
  if (added.length === 0) return nothing(state, `${why}; lanes ${pending.join(', ')} wait for an idle worker`);
  const words = added.map(({ worker, lanes }) => `lanes ${lanes.join(', ')} go to ${worker.workerId}`);
  return {
    state: withAdded(state, added),
    actions: added.map((assignment) => ({ type: 'assign', assignment })),
    reason: [why, ...words].join('; '),
  };
}

function withAdded(state: LaneState, added: readonly Assignment[]): LaneState {
  const { assignments, nextAttempt } = state;
  const pending = state.pending.filter((lane) => !added.some(({ lanes }) => lanes.includes(lane)));
  return { ...state, pending, assignments: [...assignments, ...added], nextAttempt: nextAttempt + added.length };
}

/** Gives each pending lane to its own worker, but for those that may end it: a suspect goes to an idle one, alone. */
function toOwners(state: LaneState, owners: readonly WorkerKey[], nowMs: number): readonly Assignment[] {
  const idle = idleWorkers(state);
  const pending = state.pending.filter((lane) => !isWithheld(state, lane));
  const shares = [...new Set(pending.map((lane) => owners[lane] as WorkerKey))].flatMap((worker) => {
    const own = pending.filter((lane) => isSame(owners[lane] as WorkerKey, worker));
    const sound = own.filter((lane) => !isSuspect(state, lane));
    if (sound.length > 0) return [{ worker, lanes: sound }];
    return idle.some((other) => isSame(other, worker)) ? [{ worker, lanes: own.slice(0, 1) }] : [];
  });
  return shares.map((share, index) => {
    return { ...share, attempt: state.nextAttempt + index, sinceMs: nowMs, returned: [] };
  });
}

/** Shares lanes among the workers with the least to do, by how many each computes at once. */
function spreadLanes(state: LaneState, pending: readonly number[], nowMs: number): readonly Assignment[] {
  if (pending.length === 0) return [];
  const load = (worker: WorkerKey): number =>
    state.assignments
      .filter((assignment) => isSame(assignment.worker, worker))
      .reduce((sum, assignment) => sum + missingLanes(state, assignment).length, 0) / replicasOf(worker);
  const loads = candidates(state, pending).map((worker) => ({ worker, load: load(worker) }));
  const least = Math.min(...loads.map((candidate) => candidate.load));
  const free = loads.filter((candidate) => candidate.load === least).map(({ worker }) => worker);
  return shareOut(pending, free).map((share, index) => {
    return { ...share, attempt: state.nextAttempt + index, sinceMs: nowMs, returned: [] };
  });
}

/** Shares lanes among workers, in order, by how many each computes at once; those that are not needed get none. */
export function shareOut(
  lanes: readonly number[],
  workers: readonly WorkerKey[],
): Pick<Assignment, 'worker' | 'lanes'>[] {
  const chosen: WorkerKey[] = [];
  let replicas = 0;
  for (const worker of workers) {
    if (replicas >= lanes.length) break;
    chosen.push(worker);
    replicas += replicasOf(worker);
  }
  let before = 0;
  return chosen.flatMap((worker) => {
    const after = before + replicasOf(worker);
    const given = lanes.slice(
      Math.floor((before * lanes.length) / replicas),
      Math.floor((after * lanes.length) / replicas),
    );
    before = after;
    return given.length > 0 ? [{ worker, lanes: given }] : [];
  });
}

function replicasOf({ replicas = 1 }: WorkerKey): number {
  return replicas;
}

/** Workers on which none of these lanes has failed and that are free, or the next best where there are none. */
function candidates(state: LaneState, pending: readonly number[]): readonly WorkerKey[] {
  const untried = state.workers.filter(
    ({ workerId }) => !pending.some((lane) => state.failures[lane]?.some((failure) => failure.workerId === workerId)),
  );
  const willing = untried.length > 0 ? untried : state.workers;
  const free = willing.filter((worker) => !isOwing(state, worker));
  return free.length > 0 ? free : willing;
}
