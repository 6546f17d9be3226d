/** Lanes of one step: who computes them, what may happen, what the caller has to do. */
import type { LaneRange } from '@lockstep/protocol/core';

/** A worker in one life: a later incarnation is another one. */
export interface WorkerKey {
  readonly workerId: string;
  readonly incarnation: number;
  /** Lanes that it computes at once. @default 1 */
  readonly replicas?: number;
}

/** Lanes that a worker was told to compute. */
export interface Assignment {
  readonly worker: WorkerKey;
  readonly attempt: number;
  readonly lanes: readonly number[];
  /** When it was assigned. */
  readonly sinceMs: number;
  /** Lanes that this attempt has answered, also where the answer came too late to count. */
  readonly returned: readonly number[];
}

/** A worker that still computes lanes of an earlier step, which others have delivered meanwhile. */
export interface OwingWorker {
  readonly worker: WorkerKey;
  readonly step: number;
  readonly sinceMs: number;
}

/** A worker on which a lane failed. */
export interface LaneFailure {
  readonly workerId: string;
  readonly why: string;
}

/** A worker that was lost while it owed a lane. */
export interface Loss {
  readonly workerId: string;
  readonly processNonce: string;
  readonly sinceMs: number;
  readonly why: string;
  /** Whether it counts against the lane: open until it is known whether the process is alive. */
  readonly strike: 'open' | 'certain' | 'taken back';
}

/** How long a lane may take. */
export interface LanePatience {
  /** After this an idle worker gets the lane as well; null while nothing is known. */
  readonly stragglerMs: number | null;
  /** After this whoever owes the lane is named, and where it is the first one of a worker. */
  readonly stallMs: number;
  readonly freshStallMs: number;
  /** After this the worker counts as hanging. */
  readonly hangMs: number;
  /** A worker that has said nothing for longer than this when a lane is given to it was gone before. */
  readonly quietMs: number;
  /** After this a worker that was lost and has not joined again counts as dead. */
  readonly absentMs: number;
  /** Workers whose first lane this is, which may take longer. */
  readonly fresh: readonly WorkerKey[];
}

/** State of the lanes of one step. */
export interface LaneState {
  readonly step: number;
  /** Lanes that have rows, ascending. */
  readonly lanes: readonly number[];
  /** The worker of each lane of the job, where lanes stay with their workers; null where anyone may compute any. */
  readonly owners: readonly WorkerKey[] | null;
  /** Workers that may compute, by slot. */
  readonly workers: readonly WorkerKey[];
  readonly assignments: readonly Assignment[];
  readonly done: readonly number[];
  /** Lanes that nobody computes or has delivered. */
  readonly pending: readonly number[];
  /** Workers that are not done with an earlier step; they get lanes only where there is nobody else. */
  readonly owing: readonly OwingWorker[];
  readonly patience: LanePatience;
  /** Workers on which a lane failed. */
  readonly failures: Readonly<Record<number, readonly LaneFailure[]>>;
  /** Workers that were lost while they owed a lane. */
  readonly losses: Readonly<Record<number, readonly Loss[]>>;
  readonly nextAttempt: number;
}

/**
 * How a worker's life ended: it said goodbye, so its lanes did nothing to it; it was ended here, for what it did or failed
 * to do; or its stream is over or it is silent, and its process may be alive.
 */
export type Ending = 'left' | 'expelled' | 'vanished';

/** What happened. */
export type LaneEvent =
  | { readonly type: 'start' }
  | { readonly type: 'ready'; readonly worker: WorkerKey }
  | {
      readonly type: 'lost';
      readonly worker: WorkerKey;
      readonly processNonce: string;
      /** When its last word came. */
      readonly spokeMs: number;
      readonly why: string;
      readonly ending: Ending;
    }
  /** A process has joined, under a name that an earlier life may have had. */
  | { readonly type: 'joined'; readonly workerId: string; readonly processNonce: string }
  | { readonly type: 'result'; readonly worker: WorkerKey; readonly attempt: number; readonly range: LaneRange }
  | {
      readonly type: 'failed';
      readonly worker: WorkerKey;
      readonly attempt: number;
      readonly lanes: readonly number[];
      readonly why: string;
    }
  /** A worker has answered a lane of an earlier step. */
  | { readonly type: 'returned'; readonly worker: WorkerKey }
  /** Time has passed. */
  | { readonly type: 'tick' };

/** What the caller has to do. */
export type LaneAction =
  | { readonly type: 'assign'; readonly assignment: Assignment }
  /** @param isContested whether another worker computes the same lanes */
  | { readonly type: 'accept'; readonly range: LaneRange; readonly isContested: boolean }
  | { readonly type: 'discard'; readonly range: LaneRange }
  /** End the worker's life; its loss is the next event. */
  | { readonly type: 'expel'; readonly worker: WorkerKey; readonly why: string }
  | { readonly type: 'complete' }
  /** Give the step up: lanes that stay with their workers have lost one. */
  | { readonly type: 'giveUp'; readonly why: string }
  /** @param lost workers that were lost with the lane */
  | { readonly type: 'fail'; readonly lane: number; readonly lost: number; readonly why: string };

/** A decision and why it was taken. */
export interface LaneDecision {
  readonly state: LaneState;
  readonly actions: readonly LaneAction[];
  readonly reason: string;
}

/** Whether two keys are the same worker in the same life. */
export function isSame(left: WorkerKey, right: WorkerKey): boolean {
  return left.workerId === right.workerId && left.incarnation === right.incarnation;
}

/** A worker's life as one word, for maps: equal where {@link isSame} says so. */
export function lifeOf({ workerId, incarnation }: WorkerKey): string {
  return `${workerId}#${incarnation}`;
}

/** A decision that changes nothing. */
export function nothing(state: LaneState, reason: string): LaneDecision {
  return { state, actions: [], reason };
}

/** Lanes of an assignment that nobody has delivered. */
export function missingLanes(state: LaneState, { lanes }: Assignment): readonly number[] {
  return lanes.filter((lane) => !state.done.includes(lane));
}

/** Assignments that have not answered every lane. */
export function outstanding(state: LaneState): readonly Assignment[] {
  return state.assignments.filter(({ lanes, returned }) => returned.length < lanes.length);
}

/** Whether a worker is not done with an earlier step. */
export function isOwing(state: LaneState, worker: WorkerKey): boolean {
  return state.owing.some((owing) => isSame(owing.worker, worker));
}

/** Lanes that actions give out. */
export function lanesGiven(actions: readonly LaneAction[]): number {
  return actions.reduce((sum, action) => sum + (action.type === 'assign' ? action.assignment.lanes.length : 0), 0);
}

/** Workers that compute nothing. */
export function idleWorkers(state: LaneState): WorkerKey[] {
  const busy = [...outstanding(state), ...state.owing].map(({ worker }) => worker);
  return state.workers.filter((worker) => !busy.some((other) => isSame(other, worker)));
}
