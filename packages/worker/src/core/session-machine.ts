/** What a worker does as its coordinator comes and goes: join, serve, rejoin, drain, end. */
import type { LockstepError } from '@lockstep/protocol/core';

/** Bounds of the machine, in milliseconds. */
export interface SessionLimits {
  readonly minRetryMs: number;
  readonly maxRetryMs: number;
  /** A worker that never joined fails after this. */
  readonly firstJoinLimitMs: number;
  /** A worker that lost its coordinator fails after this. */
  readonly rejoinLimitMs: number;
  readonly maxHeartbeatFailures: number;
}

/** Where the worker stands. */
export type SessionState =
  | {
      readonly phase: 'joining';
      readonly attempt: number;
      readonly hasJoinedBefore: boolean;
      /** When the search for a coordinator began. */
      readonly sinceMs: number;
    }
  | { readonly phase: 'serving'; readonly heartbeatFailures: number }
  | { readonly phase: 'draining'; readonly exitCode: 0 | 130 }
  | { readonly phase: 'ended' };

/** What happened. */
export type SessionEvent =
  | { readonly type: 'joined' }
  /** Connecting, joining or opening the stream failed. */
  | { readonly type: 'joinFailed'; readonly error: LockstepError }
  | { readonly type: 'streamEnded'; readonly reason: string }
  | { readonly type: 'heartbeatAnswered' }
  | { readonly type: 'heartbeatFailed'; readonly error: LockstepError }
  | { readonly type: 'drainRequested'; readonly exitCode: 0 | 130 }
  /** No lane is in flight any more, or the drain took too long. */
  | { readonly type: 'drained' };

/** What to do now. */
export type SessionAction =
  | { readonly type: 'join'; readonly delayMs: number }
  /** Drop the connection and all commands that wait. */
  | { readonly type: 'disconnect' }
  /** Take no more commands and say when the engine is idle. */
  | { readonly type: 'drain' }
  /** Say goodbye to the coordinator, then close the connection. */
  | { readonly type: 'leave' }
  | { readonly type: 'exit'; readonly exitCode: 0 | 130 }
  | { readonly type: 'fail'; readonly error: LockstepError };

/** New state, what to do, and why; the reason goes to the log when it changes. */
export interface SessionStep {
  readonly state: SessionState;
  readonly actions: readonly SessionAction[];
  readonly reason: string;
}

/** The first state and its actions. */
export function startSession(nowMs: number): SessionStep {
  return {
    state: { phase: 'joining', attempt: 1, hasJoinedBefore: false, sinceMs: nowMs },
    actions: [{ type: 'join', delayMs: 0 }],
    reason: 'starting',
  };
}

/** The next state after an event. Events that mean nothing in a state change nothing. */
export function nextSession(
  state: SessionState,
  event: SessionEvent,
  nowMs: number,
  limits: SessionLimits,
): SessionStep {
  switch (event.type) {
    case 'joined':
      if (state.phase !== 'joining') return unchanged(state);
      return { state: { phase: 'serving', heartbeatFailures: 0 }, actions: [], reason: 'joined' };
    case 'joinFailed':
      return state.phase === 'joining' ? afterFailedJoin(state, event.error, nowMs, limits) : unchanged(state);
    case 'streamEnded':
      return afterLoss(state, `the stream ended: ${event.reason}`, nowMs, limits);
    case 'heartbeatAnswered':
      if (state.phase !== 'serving' || state.heartbeatFailures === 0) return unchanged(state);
      return {
        state: { phase: 'serving', heartbeatFailures: 0 },
        actions: [],
        reason: 'heartbeats are answered again',
      };
    case 'heartbeatFailed':
      return state.phase === 'serving' ? afterFailedHeartbeat(state, event.error, nowMs, limits) : unchanged(state);
    case 'drainRequested':
      return afterDrainRequest(state, event.exitCode);
    case 'drained':
      if (state.phase !== 'draining') return unchanged(state);
      return {
        state: { phase: 'ended' },
        actions: [{ type: 'leave' }, { type: 'exit', exitCode: state.exitCode }],
        reason: 'drained',
      };
  }
}

function unchanged(state: SessionState): SessionStep {
  return { state, actions: [], reason: '' };
}

function afterFailedJoin(
  state: Extract<SessionState, { phase: 'joining' }>,
  error: LockstepError,
  nowMs: number,
  limits: SessionLimits,
): SessionStep {
  const limitMs = state.hasJoinedBefore ? limits.rejoinLimitMs : limits.firstJoinLimitMs;
  // A new incarnation is what a fenced worker needs; the rest of the errors that can't pass by themselves end it.
  const isFinal = !error.entry.retryable && error.code !== 'FENCED';
  if (isFinal || nowMs - state.sinceMs >= limitMs) {
    const actions: SessionAction[] = [{ type: 'disconnect' }, { type: 'fail', error }];
    return { state: { phase: 'ended' }, actions, reason: error.message };
  }
  const delayMs = Math.min(limits.maxRetryMs, limits.minRetryMs * 2 ** Math.min(state.attempt - 1, 30));
  return {
    state: { ...state, attempt: state.attempt + 1 },
    actions: [{ type: 'disconnect' }, { type: 'join', delayMs }],
    reason: `trying again: ${error.message}`,
  };
}

function afterLoss(state: SessionState, reason: string, nowMs: number, limits: SessionLimits): SessionStep {
  switch (state.phase) {
    case 'serving':
      return {
        state: { phase: 'joining', attempt: 1, hasJoinedBefore: true, sinceMs: nowMs },
        actions: [{ type: 'disconnect' }, { type: 'join', delayMs: limits.minRetryMs }],
        reason: `joining again: ${reason}`,
      };
    case 'draining':
      // Nobody is left to take the lanes in flight.
      return {
        state: { phase: 'ended' },
        actions: [{ type: 'disconnect' }, { type: 'exit', exitCode: state.exitCode }],
        reason,
      };
    case 'joining':
    case 'ended':
      return unchanged(state);
  }
}

function afterFailedHeartbeat(
  state: Extract<SessionState, { phase: 'serving' }>,
  error: LockstepError,
  nowMs: number,
  limits: SessionLimits,
): SessionStep {
  const heartbeatFailures = state.heartbeatFailures + 1;
  if (error.entry.retryable && heartbeatFailures < limits.maxHeartbeatFailures) {
    return {
      state: { phase: 'serving', heartbeatFailures },
      actions: [],
      reason: `heartbeat failed: ${error.message}`,
    };
  }
  return afterLoss(state, `heartbeat failed: ${error.message}`, nowMs, limits);
}

function afterDrainRequest(state: SessionState, exitCode: 0 | 130): SessionStep {
  switch (state.phase) {
    case 'serving':
      return { state: { phase: 'draining', exitCode }, actions: [{ type: 'drain' }], reason: 'draining' };
    case 'joining':
      return {
        state: { phase: 'ended' },
        actions: [{ type: 'disconnect' }, { type: 'exit', exitCode }],
        reason: 'told to stop',
      };
    case 'draining':
    case 'ended':
      return unchanged(state);
  }
}
