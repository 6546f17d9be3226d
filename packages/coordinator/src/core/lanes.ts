/**
 * File 2 of one step: decides who computes which lane, and what a result, a loss, a join or a failure changes. Pure:
 * the caller carries out the actions. A worker computes what it is assigned in the next file, worker/compute-lane.ts.
 */
import {
  type Assignment,
  isOwing,
  isSame,
  type LaneAction,
  type LaneDecision,
  type LaneEvent,
  type LanePatience,
  type LaneState,
  nothing,
  type OwingWorker,
  outstanding,
  type WorkerKey,
} from './lane-state.js';
import { assignPending, withPending } from './pending-lanes.js';
import { blame, lostWith, poisonLane, takeBack } from './poison.js';
import { expelHanging, helpStragglers } from './stragglers.js';

/** What a step begins with. */
export interface StepStart {
  readonly step: number;
  /** Lanes that have rows, ascending. */
  readonly lanes: readonly number[];
  readonly workers: readonly WorkerKey[];
  /** @default null */
  readonly owners?: LaneState['owners'];
  readonly owing: readonly OwingWorker[];
  readonly patience: LanePatience;
  /** Number of the first attempt. @default 0 */
  readonly nextAttempt?: number;
  /** Of earlier tries of the step. @default none */
  readonly strikes?: Pick<LaneState, 'failures' | 'losses'>;
}

/** Lanes of a new step. */
export function startLanes({ strikes = { failures: {}, losses: {} }, ...start }: StepStart): LaneState {
  return { nextAttempt: 0, owners: null, ...start, ...strikes, pending: start.lanes, assignments: [], done: [] };
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
    case 'lost':
      return takeLoss(state, event, nowMs);
    case 'joined':
      return judged(takeBack(state, event), `${event.workerId} has joined`, nowMs);
    case 'result':
      return withWaiting(takeResult(state, event), nowMs);
    case 'failed':
      return takeFailure(state, event, nowMs);
    case 'returned': {
      const owing = state.owing.filter(({ worker }) => !isSame(worker, event.worker));
      return withWaiting(nothing({ ...state, owing }, `${event.worker.workerId} is done with an earlier step`), nowMs);
    }
    case 'tick':
      return failedLane(state, nowMs) ?? helpStragglers(expelHanging(state, nowMs), nowMs);
  }
}

/** A worker that has become idle may take a lane that waits for one. */
function withWaiting(decision: LaneDecision, nowMs: number): LaneDecision {
  if (decision.state.pending.length === 0) return decision;
  const { state, actions } = assignPending(decision.state, decision.reason, nowMs);
  return { ...decision, state, actions: [...decision.actions, ...actions] };
}

function takeLoss(before: LaneState, event: Extract<LaneEvent, { type: 'lost' }>, nowMs: number): LaneDecision {
  const { worker, why } = event;
  const state = blame(before, event, nowMs);
  const isOther = (key: WorkerKey): boolean => !isSame(key, worker);
  const after = withPending({
    ...state,
    workers: state.workers.filter(isOther),
    assignments: state.assignments.filter((assignment) => isOther(assignment.worker)),
    owing: state.owing.filter((owing) => isOther(owing.worker)),
  });
  const reason = `${worker.workerId} was lost: ${why}`;
  if (!state.owners?.some((owner) => isSame(owner, worker))) return judged(after, reason, nowMs);
  return failedLane(after, nowMs) ?? { state: after, actions: [{ type: 'giveUp', why: reason }], reason };
}

/** Fails where strikes against a lane are enough, else gives out what nobody computes. */
function judged(state: LaneState, why: string, nowMs: number): LaneDecision {
  return failedLane(state, nowMs) ?? assignPending(state, why, nowMs);
}

function failedLane(state: LaneState, nowMs: number): LaneDecision | null {
  const lane = poisonLane(state, nowMs);
  if (lane === undefined) return null;
  const lost = lostWith(state, lane);
  const why = lost.at(-1)?.why ?? state.failures[lane]?.at(-1)?.why ?? '';
  return { state, actions: [{ type: 'fail', lane, lost: lost.length, why }], reason: why };
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
  const isNew = (lane: number): boolean => !assignment.returned.includes(lane);
  if (!lanes.some(isNew)) return state;
  const assignments = state.assignments.map((other) =>
    other === assignment ? { ...other, returned: [...other.returned, ...lanes.filter(isNew)] } : other,
  );
  return { ...state, assignments };
}

function takeFailure(state: LaneState, event: Extract<LaneEvent, { type: 'failed' }>, nowMs: number): LaneDecision {
  const assignment = assignmentOf(state, event.worker, event.attempt);
  const lanes = event.lanes.filter((lane) => assignment?.lanes.includes(lane) && !state.done.includes(lane));
  if (lanes.length === 0) return nothing(state, 'a failure of lanes that are no longer wanted');
  const failures = { ...state.failures };
  const { workerId } = event.worker;
  for (const lane of lanes) failures[lane] = [...(failures[lane] ?? []), { workerId, why: event.why }];
  const assignments = state.assignments.map((other) =>
    other === assignment ? { ...other, lanes: other.lanes.filter((lane) => !lanes.includes(lane)) } : other,
  );
  return judged(
    withPending({ ...state, assignments, failures }),
    `lanes ${lanes.join(', ')} failed: ${event.why}`,
    nowMs,
  );
}

function assignmentOf(state: LaneState, worker: WorkerKey, attempt: number): Assignment | undefined {
  return state.assignments.find((assignment) => assignment.attempt === attempt && isSame(assignment.worker, worker));
}
