import { describe, expect, it } from 'vitest';
import type { LanePatience, LaneState, WorkerKey } from './lane-state.js';
import { decide, startLanes } from './lanes.js';
import { lateWorkers, type Stall, stallText } from './step-stall.js';

const [a, b] = ['a', 'b'].map((workerId) => ({ workerId, incarnation: 1 })) as [WorkerKey, WorkerKey];
const PATIENCE: LanePatience = {
  ...{ stragglerMs: 100, stallMs: 3000, freshStallMs: 10_000, hangMs: 60_000 },
  ...{ quietMs: 2000, absentMs: 30_000, fresh: [] },
};

/** Lanes 0 to 3, of which each worker was given half at time 0. */
function started(fresh: readonly WorkerKey[] = []): LaneState {
  const patience = { ...PATIENCE, fresh };
  const start = startLanes({ step: 7, lanes: [0, 1, 2, 3], workers: [a, b], owing: [], patience });
  return decide(start, { type: 'start' }, 0).state;
}

function answered(state: LaneState, worker: WorkerKey, attempt: number, first: number, nowMs: number): LaneState {
  return decide(state, { type: 'result', worker, attempt, range: { first, end: first + 2 } }, nowMs).state;
}

const at =
  (nowMs: number) =>
  (sinceMs: number): number =>
    nowMs - sinceMs;

describe('a step', () => {
  it('waits for nobody too long before its deadline', () => {
    expect(lateWorkers(started(), at(2999))).toEqual([]);
    expect(lateWorkers(started(), at(3000)).map(({ worker }) => worker)).toEqual([a, b]);
  });

  it('waits for those who owe lanes that nobody has delivered', () => {
    const state = answered(started(), a, 0, 0, 5);
    expect(lateWorkers(state, at(3200))).toEqual([
      { worker: b, lanes: [2, 3], waitedMs: 3200, deadlineMs: PATIENCE.stallMs },
    ]);
    // The helper has delivered what the other still owes.
    const helped = decide(state, { type: 'tick' }, 200).state;
    expect(helped.assignments).toHaveLength(3);
    expect(lateWorkers(answered(helped, a, 2, 2, 300), at(9000))).toEqual([]);
  });

  it('counts from when a worker was given its lanes, and names the one that owes longest first', () => {
    const helped = decide(answered(started(), a, 0, 0, 5), { type: 'tick' }, 200).state;
    expect(lateWorkers(helped, at(3100)).map(({ worker }) => worker)).toEqual([b]);
    expect(lateWorkers(helped, at(3200)).map(({ worker }) => worker)).toEqual([b, a]);
  });

  it('has more patience with the first lanes of a worker', () => {
    expect(lateWorkers(started([b]), at(9999)).map(({ worker }) => worker)).toEqual([a]);
    expect(lateWorkers(started([b]), at(10_000))).toHaveLength(2);
  });
});

it.each<[string, Partial<Stall>, string]>([
  ['a phase', { phase: 'compute' }, 'gpu-1 owes lanes 2, 3 for 3.2 s and is at "compute"; it is ended after 60 s'],
  [
    'silence',
    { phase: 'silent', lanes: [2] },
    'gpu-1 owes lane 2 for 3.2 s and is silent; it is lost once nothing was heard of it for 3.5 s',
  ],
  [
    'nothing',
    { phase: 'unknown' },
    'gpu-1 owes lanes 2, 3 for 3.2 s and does not say what it is at; it is ended after 60 s',
  ],
  [
    'the coordinator',
    { worker: null, lanes: [], phase: 'broadcast' },
    'the coordinator is at "broadcast" for 3.2 s, and its workers wait',
  ],
])('a stall by %s is one sentence', (_what, more, text) => {
  const stall = { step: 7, worker: 'gpu-1', lanes: [2, 3], phase: '', waitedMs: 3210, deadlineMs: 3000, ...more };
  expect(stallText(stall, { hangMs: 60_000, silentMs: 3500 })).toBe(`step 7 takes longer than 3 s: ${text}`);
});
