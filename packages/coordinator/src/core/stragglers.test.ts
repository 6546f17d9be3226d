import { describe, expect, it } from 'vitest';
import type { Assignment, LaneAction, LaneEvent, LanePatience, LaneState, WorkerKey } from './lane-state.js';
import { decide, owingAfter, startLanes } from './lanes.js';

const [a, b, c] = ['a', 'b', 'c'].map((workerId) => ({ workerId, incarnation: 1 })) as [
  WorkerKey,
  WorkerKey,
  WorkerKey,
];
const PATIENCE: LanePatience = {
  ...{ stragglerMs: 100, stallMs: 3000, freshStallMs: 10_000 },
  hangMs: 60_000,
  quietMs: 2000,
  absentMs: 30_000,
  fresh: [],
};

function lossOf(worker: WorkerKey): LaneEvent {
  return { type: 'lost', worker, processNonce: worker.workerId, spokeMs: 0, why: 'gone', ending: 'vanished' };
}

function assigned(actions: readonly LaneAction[]): Assignment[] {
  return actions.flatMap((action) => (action.type === 'assign' ? [action.assignment] : []));
}

/** A step of two lanes that has been assigned at time 0. */
function step(workers: readonly WorkerKey[], more: Partial<Parameters<typeof startLanes>[0]> = {}) {
  const start = decide(
    startLanes({ step: 7, lanes: [0, 1], workers, owing: [], patience: PATIENCE, ...more }),
    { type: 'start' },
    0,
  );
  return { state: start.state, first: assigned(start.actions) };
}

function answer(state: LaneState, { worker, attempt }: Assignment, first: number, end: number) {
  return decide(state, { type: 'result', worker, attempt, range: { first, end } }, 50);
}

describe('a lane that takes too long', () => {
  it('goes to an idle worker too, once, and not before its time', () => {
    const { state, first } = step([a, b]);
    const done = answer(state, first[1]!, 1, 2).state;
    expect(decide(done, { type: 'tick' }, 99).actions).toEqual([]);
    const helped = decide(done, { type: 'tick' }, 100);
    expect(assigned(helped.actions)).toMatchObject([{ worker: b, attempt: 2, lanes: [0] }]);
    expect(helped.reason).toBe('lanes 0 of a, which takes more than 100 ms, also go to b');
    expect(decide(helped.state, { type: 'tick' }, 300).actions).toEqual([]);
  });

  it('counts once, whoever is first; the second answer is compared', () => {
    const { state, first } = step([a, b]);
    const helped = decide(answer(state, first[1]!, 1, 2).state, { type: 'tick' }, 100);
    const second = assigned(helped.actions)[0]!;
    const won = answer(helped.state, second, 0, 1);
    expect(won.actions).toEqual([
      { type: 'accept', range: { first: 0, end: 1 }, isContested: true },
      { type: 'complete' },
    ]);
    expect(answer(won.state, first[0]!, 0, 1).actions).toEqual([{ type: 'discard', range: { first: 0, end: 1 } }]);
  });

  it('stays where nobody is idle, where it is the first of its worker, and while nothing is known of the pace', () => {
    const busy = step([a, b]);
    expect(decide(busy.state, { type: 'tick' }, 500).actions).toEqual([]);
    for (const patience of [
      { ...PATIENCE, fresh: [a] },
      { ...PATIENCE, stragglerMs: null },
    ]) {
      const { state, first } = step([a, b], { patience });
      expect(decide(answer(state, first[1]!, 1, 2).state, { type: 'tick' }, 500).actions).toEqual([]);
    }
  });

  it('that is helped survives the loss of either worker', () => {
    const { state, first } = step([a, b]);
    const helped = decide(answer(state, first[1]!, 1, 2).state, { type: 'tick' }, 100).state;
    for (const worker of [a, b]) {
      const after = decide(helped, lossOf(worker), 120);
      expect(after.actions).toEqual([]);
    }
    const alone = decide(decide(helped, lossOf(a), 120).state, { type: 'ready', worker: c }, 130);
    expect(alone.actions).toEqual([]);
    const none = decide(alone.state, lossOf(b), 140);
    expect(assigned(none.actions)).toMatchObject([{ worker: c, lanes: [0] }]);
  });
});

describe('a worker that is behind', () => {
  const owing = [{ worker: a, step: 6, sinceMs: 0 }];

  it('is remembered when the step ends without it', () => {
    const { state, first } = step([a, b]);
    const helped = decide(answer(state, first[1]!, 1, 2).state, { type: 'tick' }, 100);
    const { state: ended } = answer(helped.state, assigned(helped.actions)[0]!, 0, 1);
    expect(owingAfter(ended)).toEqual([{ worker: a, step: 7, sinceMs: 0 }]);
  });

  it('gets no lane while others are free, and all where it is the only one', () => {
    expect(step([a, b], { owing }).first.map(({ worker }) => worker)).toEqual([b]);
    expect(step([a], { owing }).first.map(({ worker }) => worker)).toEqual([a]);
  });

  it('helps again once it has answered', () => {
    const { state } = step([a, b], { owing });
    const back = decide(state, { type: 'returned', worker: a }, 50).state;
    expect(back.owing).toEqual([]);
    expect(assigned(decide(back, { type: 'tick' }, 100).actions)).toMatchObject([{ worker: a, lanes: [0, 1] }]);
  });

  it('is ended when it hangs', () => {
    const { state } = step([a, b], { owing });
    expect(decide(state, { type: 'tick' }, 59_999).actions.filter(({ type }) => type === 'expel')).toEqual([]);
    const hangs = decide(state, { type: 'tick' }, 60_000).actions.filter(({ type }) => type === 'expel');
    expect(hangs).toContainEqual({ type: 'expel', worker: a, why: 'it owes lanes for 60 s' });
  });
});
