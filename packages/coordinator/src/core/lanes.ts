/**
 * File 2 of one step: decides who computes which lane, and what a result, a loss, a join or a failure changes. Pure:
 * the caller carries out the actions. A worker computes what it is assigned in the next file, worker/compute-lane.ts.
 */
import {
  type Assignment,
  isSame,
  type LaneAction,
  type LaneDecision,
  type LaneEvent,
  type LanePatience,
  type LaneState,
  missingLanes,
  nothing,
  type OwingWorker,
  outstanding,
  type WorkerKey,
} from './lane-state.js';
import { expelHanging, helpStragglers } from './stragglers.js';

/** Workers on which a lane may fail before the job does: a poison batch must not take them all. */
export const MAX_LANE_FAILURES = 3;

/** What a step begins with. */
export interface StepStart {
  readonly step: number;
  /** Lanes that have rows, ascending. */
  readonly lanes: readonly number[];
  readonly workers: readonly WorkerKey[];
  readonly owing: readonly OwingWorker[];
  readonly patience: LanePatience;
}

/** Lanes of a new step. */
export function startLanes(start: StepStart): LaneState {
  return { ...start, assignments: [], done: [], failures: {}, nextAttempt: 0 };
}

/** Workers that are not done when a step is: they owe lanes that others have delivered. */
export function owingAfter(state: LaneState): readonly OwingWorker[] {
  const late = outstanding(state).map(({ worker, sinceMs }) => ({ worker, step: state.step, sinceMs }));
  return [...state.owing, ...late.filter(({ worker }) => !isOwing(state, worker))];
}

/** What an event changes. */
export function decide(state: LaneState, event: LaneEvent, nowMs: number): LaneDecision {
  switch (event.type) {
    case 'start':
      return assignPending(state, `step ${state.step} starts`, nowMs);
    case 'ready': {
      if (state.workers.some((worker) => isSame(worker, event.worker))) return nothing(state, 'already known');
      const workers = [...state.workers, event.worker];
      return assignPending({ ...state, workers }, `${event.worker.workerId} is ready`, nowMs);
    }
    case 'lost': {
      const workers = state.workers.filter((worker) => !isSame(worker, event.worker));
      const assignments = state.assignments.filter(({ worker }) => !isSame(worker, event.worker));
      const owing = state.owing.filter(({ worker }) => !isSame(worker, event.worker));
      return assignPending(
        { ...state, workers, assignments, owing },
        `${event.worker.workerId} was lost: ${event.why}`,
        nowMs,
      );
    }
    case 'result':
      return takeResult(state, event);
    case 'failed':
      return takeFailure(state, event, nowMs);
    case 'returned': {
      const owing = state.owing.filter(({ worker }) => !isSame(worker, event.worker));
      return nothing({ ...state, owing }, `${event.worker.workerId} is done with an earlier step`);
    }
    case 'tick':
      return helpStragglers(expelHanging(state, nowMs), nowMs);
  }
}

function takeResult(state: LaneState, event: Extract<LaneEvent, { type: 'result' }>): LaneDecision {
  const lanes = state.lanes.filter((lane) => lane >= event.range.first && lane < event.range.end);
  const assignment = assignmentOf(state, event.worker, event.attempt);
  const own = assignment && lanes.length > 0 && lanes.every((lane) => assignment.lanes.includes(lane));
  const after = own ? answered(state, assignment, lanes) : state;
  if (!own || lanes.some((lane) => state.done.includes(lane))) {
    const reason = `lanes ${event.range.first}-${event.range.end - 1} of ${event.worker.workerId} are no longer wanted`;
    return { state: after, actions: [{ type: 'discard', range: event.range }], reason };
  }
  const done = [...state.done, ...lanes];
  const isContested = outstanding(after).some((other) => other.lanes.some((lane) => lanes.includes(lane)));
  const accept: LaneAction = { type: 'accept', range: event.range, isContested };
  const complete = done.length === state.lanes.length;
  return {
    state: { ...after, done },
    actions: complete ? [accept, { type: 'complete' }] : [accept],
    reason: `${done.length} of ${state.lanes.length} lanes are there`,
  };
}

/** Notes that an attempt has answered lanes. */
function answered(state: LaneState, assignment: Assignment, lanes: readonly number[]): LaneState {
  if (lanes.every((lane) => assignment.returned.includes(lane))) return state;
  const assignments = state.assignments.map((other) =>
    other === assignment ? { ...other, returned: [...new Set([...other.returned, ...lanes])] } : other,
  );
  return { ...state, assignments };
}

function takeFailure(state: LaneState, event: Extract<LaneEvent, { type: 'failed' }>, nowMs: number): LaneDecision {
  const assignment = assignmentOf(state, event.worker, event.attempt);
  const lanes = event.lanes.filter((lane) => assignment?.lanes.includes(lane) && !state.done.includes(lane));
  if (lanes.length === 0) return nothing(state, 'a failure of lanes that are no longer wanted');
  const failures = { ...state.failures };
  for (const lane of lanes) failures[lane] = [...(failures[lane] ?? []), event.worker.workerId];
  const poison = lanes.find((lane) => (failures[lane]?.length ?? 0) >= MAX_LANE_FAILURES);
  if (poison !== undefined) {
    const fail: LaneAction = { type: 'fail', lane: poison, why: event.why };
    return { state: { ...state, failures }, actions: [fail], reason: event.why };
  }
  const assignments = state.assignments.map((other) =>
    other === assignment ? { ...other, lanes: other.lanes.filter((lane) => !lanes.includes(lane)) } : other,
  );
  return assignPending({ ...state, assignments, failures }, `lanes ${lanes.join(', ')} failed: ${event.why}`, nowMs);
}

/** Gives every lane that nobody computes to the workers with the least to do. */
function assignPending(state: LaneState, why: string, nowMs: number): LaneDecision {
  const taken = new Set([...state.done, ...state.assignments.flatMap(({ lanes }) => lanes)]);
  const pending = state.lanes.filter((lane) => !taken.has(lane));
  if (pending.length === 0) return nothing(state, why);
  if (state.workers.length === 0) return nothing(state, `${why}; ${pending.length} lanes wait for a worker`);
  const load = (worker: WorkerKey): number =>
    state.assignments
      .filter((assignment) => isSame(assignment.worker, worker))
      .reduce((sum, assignment) => sum + missingLanes(state, assignment).length, 0);
  const byLoad = candidates(state, pending)
    .map((worker, slot) => ({ worker, slot, load: load(worker) }))
    .sort((a, b) => a.load - b.load || a.slot - b.slot);
  const least = byLoad[0]!.load;
  const idle = byLoad.filter((candidate) => candidate.load === least).map(({ worker }) => worker);
  const chosen = idle.slice(0, pending.length);
  const added = chosen.map((worker, index): Assignment => {
    const first = Math.floor((index * pending.length) / chosen.length);
    const end = Math.floor(((index + 1) * pending.length) / chosen.length);
    const lanes = pending.slice(first, end);
    return { worker, attempt: state.nextAttempt + index, lanes, sinceMs: nowMs, returned: [] };
  });
  return {
    state: { ...state, assignments: [...state.assignments, ...added], nextAttempt: state.nextAttempt + added.length },
    actions: added.map((assignment) => ({ type: 'assign', assignment })),
    reason: `${why}; lanes ${pending.join(', ')} go to ${chosen.map(({ workerId }) => workerId).join(', ')}`,
  };
}

/** Workers on which none of these lanes has failed and that are free, or the next best where there are none. */
function candidates(state: LaneState, pending: readonly number[]): readonly WorkerKey[] {
  const untried = state.workers.filter(
    ({ workerId }) => !pending.some((lane) => state.failures[lane]?.includes(workerId)),
  );
  const willing = untried.length > 0 ? untried : state.workers;
  const free = willing.filter((worker) => !isOwing(state, worker));
  return free.length > 0 ? free : willing;
}

function isOwing(state: LaneState, worker: WorkerKey): boolean {
  return state.owing.some((owing) => isSame(owing.worker, worker));
}

function assignmentOf(state: LaneState, worker: WorkerKey, attempt: number): Assignment | undefined {
  return state.assignments.find((assignment) => assignment.attempt === attempt && isSame(assignment.worker, worker));
}
