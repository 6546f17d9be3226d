import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import {
  nextSession,
  type SessionEvent,
  type SessionLimits,
  type SessionStep,
  startSession,
} from './session-machine.js';

const LIMITS: SessionLimits = {
  minRetryMs: 100,
  maxRetryMs: 2_000,
  firstJoinLimitMs: 30_000,
  rejoinLimitMs: 600_000,
  maxHeartbeatFailures: 3,
};
const unreachable = new LockstepError('SERVER_UNREACHABLE', { message: 'nobody there' });
const fenced = new LockstepError('FENCED');

/** Plays events at times. @returns every step, the first being the start at 0 ms */
function play(...events: readonly (readonly [nowMs: number, event: SessionEvent])[]): SessionStep[] {
  const steps = [startSession(0)];
  for (const [nowMs, event] of events) {
    steps.push(nextSession((steps.at(-1) as SessionStep).state, event, nowMs, LIMITS));
  }
  return steps;
}

const lastOf = (steps: readonly SessionStep[]): SessionStep => steps.at(-1) as SessionStep;

describe('the session machine', () => {
  it('joins at once, then with growing pauses up to a limit', () => {
    const failures = Array.from(
      { length: 8 },
      (_, index) => [index, { type: 'joinFailed', error: unreachable }] as const,
    );
    const delays = play(...failures).flatMap(({ actions }) =>
      actions.flatMap((action) => (action.type === 'join' ? [action.delayMs] : [])),
    );
    expect(delays).toEqual([0, 100, 200, 400, 800, 1600, 2000, 2000, 2000]);
  });

  it('fails when no coordinator was ever there, but waits longer for a successor', () => {
    const failure: SessionEvent = { type: 'joinFailed', error: unreachable };
    expect(lastOf(play([30_000, failure])).actions).toContainEqual({ type: 'fail', error: unreachable });
    const lost = play([0, { type: 'joined' }], [1_000, { type: 'streamEnded', reason: 'gone' }], [40_000, failure]);
    expect(lastOf(lost).state).toMatchObject({ phase: 'joining', hasJoinedBefore: true });
    const tooLong = nextSession(lastOf(lost).state, failure, 601_000, LIMITS);
    expect(tooLong.actions).toContainEqual({ type: 'fail', error: unreachable });
  });

  it('ends at once on a refusal that no retry can mend, but not when it was fenced', () => {
    const refused = new LockstepError('NUMERIC_CLASS_MISMATCH');
    expect(lastOf(play([0, { type: 'joinFailed', error: refused }])).actions).toContainEqual({
      type: 'fail',
      error: refused,
    });
    expect(lastOf(play([0, { type: 'joinFailed', error: fenced }])).actions).toContainEqual({
      type: 'join',
      delayMs: 100,
    });
  });

  it('joins again when the stream ends, a heartbeat is fenced, or three in a row fail', () => {
    const failed: SessionEvent = { type: 'heartbeatFailed', error: unreachable };
    const rejoin = [{ type: 'disconnect' }, { type: 'join', delayMs: 100 }];
    expect(lastOf(play([0, { type: 'joined' }], [5, { type: 'streamEnded', reason: 'x' }])).actions).toEqual(rejoin);
    expect(lastOf(play([0, { type: 'joined' }], [5, { type: 'heartbeatFailed', error: fenced }])).actions).toEqual(
      rejoin,
    );
    expect(lastOf(play([0, { type: 'joined' }], [1, failed], [2, failed])).actions).toEqual([]);
    expect(lastOf(play([0, { type: 'joined' }], [1, failed], [2, failed], [3, failed])).actions).toEqual(rejoin);
    const answered = [2, { type: 'heartbeatAnswered' }] as const;
    expect(lastOf(play([0, { type: 'joined' }], [1, failed], answered, [3, failed], [4, failed])).actions).toEqual([]);
  });

  it('drains, says goodbye, and exits with the code of the signal', () => {
    const steps = play(
      [0, { type: 'joined' }],
      [1, { type: 'drainRequested', exitCode: 130 }],
      [2, { type: 'drained' }],
    );
    expect(steps[2]?.actions).toEqual([{ type: 'drain' }]);
    expect(steps[3]?.actions).toEqual([{ type: 'leave' }, { type: 'exit', exitCode: 130 }]);
    const lost = play(
      [0, { type: 'joined' }],
      [1, { type: 'drainRequested', exitCode: 0 }],
      [2, { type: 'streamEnded', reason: 'x' }],
    );
    expect(lastOf(lost).actions).toEqual([{ type: 'disconnect' }, { type: 'exit', exitCode: 0 }]);
    expect(lastOf(play([1, { type: 'drainRequested', exitCode: 0 }])).actions).toContainEqual({
      type: 'exit',
      exitCode: 0,
    });
  });

  it('does nothing once it has ended', () => {
    const ended = lastOf(play([1, { type: 'drainRequested', exitCode: 0 }])).state;
    const events: SessionEvent[] = [
      ...([{ type: 'joined' }, { type: 'drained' }, { type: 'heartbeatAnswered' }] as const),
      ...([
        { type: 'joinFailed', error: unreachable },
        { type: 'heartbeatFailed', error: unreachable },
      ] as const),
      ...([
        { type: 'streamEnded', reason: 'x' },
        { type: 'drainRequested', exitCode: 0 },
      ] as const),
    ];
    for (const event of events)
      expect(nextSession(ended, event, 9, LIMITS)).toEqual({ state: ended, actions: [], reason: '' });
  });
});
