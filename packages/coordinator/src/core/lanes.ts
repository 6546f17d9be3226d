/**
 * File 2 of one step: decides who computes which lane, and what a result, a loss, a join or a failure changes. Pure:
 * the caller carries out the actions. A worker computes what it is assigned in the next file, worker/compute-lane.ts.
 */
import type { LaneRange } from '@lockstep/protocol/core';

/** A worker in one life: a later incarnation is another one. */
export interface WorkerKey {
  readonly workerId: string;
  readonly incarnation: number;
}

/** Lanes that a worker was told to compute. */
export interface Assignment {
  readonly worker: WorkerKey;
  readonly attempt: number;
  readonly lanes: readonly number[];
  /** When it was assigned. */
  readonly sinceMs: number;
}

/** State of the lanes of one step. */
export interface LaneState {
  readonly step: number;
  /** Lanes that have rows, ascending. */
  readonly lanes: readonly number[];
  /** Workers that may compute, by slot. */
  readonly workers: readonly WorkerKey[];
  readonly assignments: readonly Assignment[];
  readonly done: readonly number[];
  /** Workers on which a lane failed. */
  readonly failures: Readonly<Record<number, readonly string[]>>;
  readonly nextAttempt: number;
}

/** What happened. */
export type LaneEvent =
  | { readonly type: 'start' }
  | { readonly type: 'ready'; readonly worker: WorkerKey }
  | { readonly type: 'lost'; readonly worker: WorkerKey; readonly why: string }
  | { readonly type: 'result'; readonly worker: WorkerKey; readonly attempt: number; readonly range: LaneRange }
  | {
      readonly type: 'failed';
      readonly worker: WorkerKey;
      readonly attempt: number;
      readonly lanes: readonly number[];
      readonly why: string;
    }
  /** Time has passed. */
  | { readonly type: 'tick' };

/** What the caller has to do. */
export type LaneAction =
  | { readonly type: 'assign'; readonly assignment: Assignment }
  | { readonly type: 'accept'; readonly range: LaneRange }
  | { readonly type: 'discard'; readonly range: LaneRange }
  /** End the worker's life; its loss is the next event. */
  | { readonly type: 'expel'; readonly worker: WorkerKey; readonly why: string }
  | { readonly type: 'complete' }
  | { readonly type: 'fail'; readonly lane: number; readonly why: string };

/** A decision and why it was taken. */
export interface LaneDecision {
  readonly state: LaneState;
  readonly actions: readonly LaneAction[];
  readonly reason: string;
}

/** Workers on which a lane may fail before the job does: a poison batch must not take them all. */
export const MAX_LANE_FAILURES = 3;

/** A worker that is alive but owes a lane for this long hangs: far above any lane, far below a night. */
export const LANE_PATIENCE_MS = 600_000;

/** Lanes of a new step. */
export function startLanes(step: number, lanes: readonly number[], workers: readonly WorkerKey[]): LaneState {
  return { step, lanes, workers, assignments: [], done: [], failures: {}, nextAttempt: 0 };
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
      return assignPending(
        { ...state, workers, assignments },
        `${event.worker.workerId} was lost: ${event.why}`,
        nowMs,
      );
    }
    case 'result':
      return takeResult(state, event);
    case 'failed':
      return takeFailure(state, event, nowMs);
    case 'tick':
      return expelHanging(state, nowMs);
  }
}

function takeResult(state: LaneState, event: Extract<LaneEvent, { type: 'result' }>): LaneDecision {
  const lanes = state.lanes.filter((lane) => lane >= event.range.first && lane < event.range.end);
  const assignment = assignmentOf(state, event.worker, event.attempt);
  const expected =
    lanes.length > 0 && lanes.every((lane) => assignment?.lanes.includes(lane) && !state.done.includes(lane));
  if (!expected) {
    const reason = `lanes ${event.range.first}-${event.range.end - 1} of ${event.worker.workerId} are no longer wanted`;
    return { state, actions: [{ type: 'discard', range: event.range }], reason };
  }
  const done = [...state.done, ...lanes];
  const accept: LaneAction = { type: 'accept', range: event.range };
  const complete = done.length === state.lanes.length;
  return {
    state: { ...state, done },
    actions: complete ? [accept, { type: 'complete' }] : [accept],
    reason: `${done.length} of ${state.lanes.length} lanes are there`,
  };
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

function expelHanging(state: LaneState, nowMs: number): LaneDecision {
  const owing = state.assignments.filter(
    ({ lanes, sinceMs }) => nowMs - sinceMs >= LANE_PATIENCE_MS && lanes.some((lane) => !state.done.includes(lane)),
  );
  const why = `it owes lanes for ${LANE_PATIENCE_MS / 1000} s`;
  const actions = owing.map(({ worker }): LaneAction => ({ type: 'expel', worker, why }));
  return { state, actions, reason: owing.map(({ worker }) => `${worker.workerId}: ${why}`).join('; ') };
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
      .reduce((sum, { lanes }) => sum + lanes.filter((lane) => !state.done.includes(lane)).length, 0);
  const byLoad = candidates(state, pending)
    .map((worker, slot) => ({ worker, slot, load: load(worker) }))
    .sort((a, b) => a.load - b.load || a.slot - b.slot);
  const least = byLoad[0]!.load;
  const idle = byLoad.filter((candidate) => candidate.load === least).map(({ worker }) => worker);
  const chosen = idle.slice(0, pending.length);
  const added = chosen.map((worker, index): Assignment => {
    const first = Math.floor((index * pending.length) / chosen.length);
    const end = Math.floor(((index + 1) * pending.length) / chosen.length);
    return { worker, attempt: state.nextAttempt + index, lanes: pending.slice(first, end), sinceMs: nowMs };
  });
  return {
    state: { ...state, assignments: [...state.assignments, ...added], nextAttempt: state.nextAttempt + added.length },
    actions: added.map((assignment) => ({ type: 'assign', assignment })),
    reason: `${why}; lanes ${pending.join(', ')} go to ${chosen.map(({ workerId }) => workerId).join(', ')}`,
  };
}

/** Workers on which none of these lanes has failed, or all where there is no such worker. */
function candidates(state: LaneState, pending: readonly number[]): readonly WorkerKey[] {
  const untried = state.workers.filter(
    ({ workerId }) => !pending.some((lane) => state.failures[lane]?.includes(workerId)),
  );
  return untried.length > 0 ? untried : state.workers;
}

function assignmentOf(state: LaneState, worker: WorkerKey, attempt: number): Assignment | undefined {
  return state.assignments.find((assignment) => assignment.attempt === attempt && isSame(assignment.worker, worker));
}

/** Whether two keys are the same worker in the same life. */
export function isSame(left: WorkerKey, right: WorkerKey): boolean {
  return left.workerId === right.workerId && left.incarnation === right.incarnation;
}

function nothing(state: LaneState, reason: string): LaneDecision {
  return { state, actions: [], reason };
}
