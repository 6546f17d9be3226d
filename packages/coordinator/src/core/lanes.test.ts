/** Tests of lane decisions: balance, loss, late and double results, failures, joins, and every interleaving of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assignment, LaneAction, LaneDecision, LaneEvent, LaneState, WorkerKey } from './lane-state.js';
import { decide, startLanes } from './lanes.js';
import { MAX_LANE_FAILURES, strikes } from './poison.js';

const LANES = [0, 1, 2, 3];
const LANE_PATIENCE_MS = 600_000;

function workersOf(count: number): WorkerKey[] {
  return Array.from({ length: count }, (_, slot) => ({ workerId: `w${slot}`, incarnation: 1 }));
}

/** A step that remembers every action. */
class Step {
  state: LaneState;
  readonly actions: LaneAction[] = [];

  constructor(lanes: readonly number[], workers: readonly WorkerKey[], owners: LaneState['owners'] = null) {
    const patience = {
      ...{ stragglerMs: null, stallMs: 3000, freshStallMs: 10_000 },
      hangMs: LANE_PATIENCE_MS,
      quietMs: 0,
      absentMs: 0,
      fresh: [],
    };
    this.state = startLanes({ step: 5, lanes, workers, owners, owing: [], patience });
    this.send({ type: 'start' });
  }

  send(event: LaneEvent): LaneDecision {
    const decision = decide(this.state, event, 0);
    // A decision follows from what it is given, and from nothing else.
    expect(decide(this.state, event, 0)).toEqual(decision);
    this.state = decision.state;
    this.actions.push(...decision.actions);
    return decision;
  }

  lose(worker: WorkerKey): Assignment[] {
    return assignmentsIn(this.send(lossOf(worker)).actions);
  }

  fail({ worker, attempt, lanes }: Assignment): LaneDecision {
    return this.send({ type: 'failed', worker, attempt, lanes, why: 'NUMERICS' });
  }

  result({ worker, attempt }: Assignment, lane: number): LaneDecision {
    return this.send({ type: 'result', worker, attempt, range: { first: lane, end: lane + 1 } });
  }

  assigned(): Assignment[] {
    return assignmentsIn(this.actions);
  }

  accepted(): number[] {
    return this.actions
      .flatMap((action) => (action.type === 'accept' ? [action.range] : []))
      .flatMap(({ first, end }) => this.state.lanes.filter((lane) => lane >= first && lane < end));
  }
}

function lossOf(worker: WorkerKey): LaneEvent {
  return {
    type: 'lost',
    worker,
    processNonce: worker.workerId,
    spokeMs: 0,
    why: 'its stream ended',
    ending: 'vanished',
  };
}

function assignmentsIn(actions: readonly LaneAction[]): Assignment[] {
  return actions.flatMap((action) => (action.type === 'assign' ? [action.assignment] : []));
}

function lanesIn(assignments: readonly Assignment[]): number[] {
  return assignments.flatMap(({ lanes }) => lanes).sort((a, b) => a - b);
}

function types(decision: LaneDecision): string[] {
  return decision.actions.map(({ type }) => type);
}

describe('assignment of lanes', () => {
  it.each([
    [1, [4]],
    [2, [2, 2]],
    [3, [1, 1, 2]],
    [4, [1, 1, 1, 1]],
    [5, [1, 1, 1, 1]],
  ])('gives 4 lanes to %i workers as evenly as they divide', (count, sizes) => {
    const assigned = new Step(LANES, workersOf(count)).assigned();
    expect(assigned.map(({ lanes }) => lanes.length)).toEqual(sizes);
    expect(assigned.flatMap(({ lanes }) => lanes)).toEqual(LANES);
    expect(assigned.map(({ worker }) => worker.workerId)).toEqual(
      workersOf(count)
        .slice(0, 4)
        .map((w) => w.workerId),
    );
    expect(new Set(assigned.map(({ attempt }) => attempt)).size).toBe(assigned.length);
  });

  it('gives a worker as many shares as it has replicas', () => {
    const worker = (workerId: string, replicas: number): WorkerKey => ({ workerId, incarnation: 1, replicas });
    const shares = (count: number, ...workers: readonly WorkerKey[]): string[] =>
      new Step(
        Array.from({ length: count }, (_, lane) => lane),
        workers,
      )
        .assigned()
        .map(({ worker: { workerId }, lanes, attempt }) => `${attempt} ${workerId} ${lanes.join(',')}`);
    expect(shares(4, worker('a', 3), worker('b', 1))).toEqual(['0 a 0,1,2', '1 b 3']);
    expect(shares(8, worker('a', 1), worker('b', 3))).toEqual(['0 a 0,1', '1 b 2,3,4,5,6,7']);
    expect(shares(4, worker('a', 4), worker('b', 4))).toEqual(['0 a 0,1,2,3']);
    expect(shares(3, worker('a', 1), worker('b', 3))).toEqual(['0 b 0,1,2']);
  });

  it('assigns lanes that have rows only', () => {
    const step = new Step([0, 2], workersOf(3));
    expect(step.assigned().map(({ lanes }) => lanes)).toEqual([[0], [2]]);
  });

  it('waits without workers and starts with the first', () => {
    const step = new Step(LANES, []);
    expect(step.actions).toEqual([]);
    const [worker] = workersOf(1);
    const decision = step.send({ type: 'ready', worker: worker! });
    expect(lanesIn(assignmentsIn(decision.actions))).toEqual(LANES);
  });

  it('gives a worker that joins in mid-step nothing unless lanes wait', () => {
    const [first, second] = workersOf(2);
    const step = new Step(LANES, [first!]);
    expect(step.send({ type: 'ready', worker: second! }).actions).toEqual([]);
    const retried = step.lose(first!);
    expect(retried.map(({ worker }) => worker)).toEqual([second]);
    expect(lanesIn(retried)).toEqual(LANES);
  });

  it('takes no notice of a worker that is ready twice', () => {
    const step = new Step(LANES, workersOf(2));
    const state = step.state;
    expect(step.send({ type: 'ready', worker: workersOf(1)[0]! }).state).toBe(state);
  });
});

describe('loss of workers', () => {
  it('gives the lanes of a lost worker to the others, and keeps what it had delivered', () => {
    const [first, second] = workersOf(2);
    const step = new Step(LANES, [first!, second!]);
    step.result(step.assigned()[0]!, 0);
    const retried = step.lose(first!);
    expect(retried).toMatchObject([{ worker: second, attempt: 2, lanes: [1] }]);
    for (const lane of [2, 3]) step.result(step.assigned()[1]!, lane);
    expect(types(step.result(retried[0]!, 1))).toEqual(['accept', 'complete']);
    expect(step.accepted().sort()).toEqual(LANES);
  });

  it('survives the loss of two of three workers, also of the one that took over', () => {
    const [first, second, third] = workersOf(3);
    const step = new Step(LANES, [first!, second!, third!]);
    const once = step.lose(first!);
    expect(once.map(({ worker }) => worker)).toEqual([second]);
    const twice = step.lose(second!);
    // Lane 0 was lost twice: it waits until nothing else is at stake.
    expect(twice).toMatchObject([{ worker: third, attempt: 4, lanes: [1] }]);
    const [own] = step.assigned().filter(({ worker }) => worker === third);
    step.result(own!, 2);
    step.result(own!, 3);
    expect(assignmentsIn(step.result(twice[0]!, 1).actions)).toMatchObject([{ worker: third, lanes: [0] }]);
    step.result(step.assigned().at(-1)!, 0);
    expect(step.accepted().sort()).toEqual(LANES);
  });

  it('spreads the lanes of a lost worker over the idle ones', () => {
    const [first, ...others] = workersOf(3);
    const step = new Step(LANES, [first!]);
    for (const worker of others) step.send({ type: 'ready', worker });
    expect(step.lose(first!).map(({ lanes }) => lanes)).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });

  it('waits when everybody is lost, and says how many lanes wait', () => {
    const [worker] = workersOf(1);
    const step = new Step(LANES, [worker!]);
    const decision = step.send(lossOf(worker!));
    expect(decision.actions).toEqual([]);
    expect(decision.reason).toBe('w0 was lost: its stream ended; 4 lanes wait for a worker');
  });
});

describe('results nobody wants', () => {
  it('discards a result of an older incarnation', () => {
    const [old] = workersOf(1);
    const step = new Step(LANES, [old!]);
    const before = step.assigned()[0]!;
    step.lose(old!);
    step.send({ type: 'ready', worker: { workerId: 'w0', incarnation: 2 } });
    expect(types(step.result(before, 0))).toEqual(['discard']);
    const forged = { ...step.assigned()[1]!, worker: old! };
    expect(types(step.result(forged, 0))).toEqual(['discard']);
    expect(types(step.result(step.assigned()[1]!, 0))).toEqual(['accept']);
  });

  it('discards a result of an older attempt', () => {
    const step = new Step(LANES, workersOf(1));
    const first = step.assigned()[0]!;
    step.fail({ ...first, lanes: [3] });
    expect(types(step.result(first, 3))).toEqual(['discard']);
    expect(types(step.result(step.assigned()[1]!, 3))).toEqual(['accept']);
  });

  it('discards the second of two equal results', () => {
    const step = new Step(LANES, workersOf(2));
    const [first] = step.assigned();
    expect(types(step.result(first!, 0))).toEqual(['accept']);
    const state = step.state;
    expect(types(step.result(first!, 0))).toEqual(['discard']);
    expect(step.state).toBe(state);
  });

  it('discards a range that reaches over the lanes of somebody else', () => {
    const step = new Step(LANES, workersOf(2));
    const { worker, attempt } = step.assigned()[0]!;
    expect(types(step.send({ type: 'result', worker, attempt, range: { first: 0, end: 4 } }))).toEqual(['discard']);
    expect(types(step.send({ type: 'result', worker, attempt, range: { first: 0, end: 2 } }))).toEqual(['accept']);
  });

  it('accepts a range over a skipped lane', () => {
    const step = new Step([0, 2], workersOf(1));
    const { worker, attempt } = step.assigned()[0]!;
    const decision = step.send({ type: 'result', worker, attempt, range: { first: 0, end: 4 } });
    expect(types(decision)).toEqual(['accept', 'complete']);
  });
});

describe('failures of lanes', () => {
  it('tries a failed lane on a worker it has not failed on', () => {
    const step = new Step(LANES, workersOf(2));
    const [first] = step.assigned();
    const retried = assignmentsIn(step.fail({ ...first!, lanes: [0] }).actions);
    expect(retried).toMatchObject([{ worker: workersOf(2)[1], attempt: 2, lanes: [0] }]);
  });

  it('fails the job when a lane has failed on 3 workers, and names the lane', () => {
    const step = new Step([7], workersOf(4));
    const tried: string[] = [];
    for (let attempt = 0; attempt < 2; attempt++) {
      const last = step.assigned().at(-1)!;
      tried.push(last.worker.workerId);
      expect(types(step.fail(last))).toEqual(['assign']);
    }
    const last = step.assigned().at(-1)!;
    tried.push(last.worker.workerId);
    expect(step.fail(last).actions).toEqual([{ type: 'fail', lane: 7, lost: 0, why: 'NUMERICS' }]);
    expect(tried).toEqual(['w0', 'w1', 'w2']);
  });

  it('goes on when different lanes fail once each', () => {
    const step = new Step(LANES, workersOf(4));
    for (const assignment of step.assigned()) expect(types(step.fail(assignment))).toEqual(['assign']);
  });

  it('takes no notice of a failure of an older attempt', () => {
    const step = new Step([0], workersOf(2));
    const [first] = step.assigned();
    step.fail(first!);
    const state = step.state;
    expect(step.fail(first!).state).toBe(state);
  });
});

type Move = { readonly kind: 'ready' | 'lost' | 'result' | 'stale' | 'failed'; readonly pick: number };

describe('any interleaving', () => {
  const moves = fc.array(
    fc.record({
      kind: fc.constantFrom<Move['kind']>('ready', 'lost', 'result', 'result', 'stale', 'failed'),
      pick: fc.nat(1000),
    }),
    { maxLength: 60 },
  );

  it('accepts each lane exactly once while one worker stays, or fails after 3 failures of one lane', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        moves,
        (laneCount, count, sequence) => {
          const lanes = Array.from({ length: laneCount }, (_, lane) => lane);
          const step = new Step(lanes, workersOf(count));
          let incarnation = 1;
          const over = (): boolean => step.actions.some(({ type }) => type === 'complete' || type === 'fail');
          for (const { kind, pick } of sequence) {
            if (over()) break;
            const open = step.state.assignments.filter((a) => a.lanes.some((lane) => !step.state.done.includes(lane)));
            const chosen = open[pick % open.length]!;
            const lane = chosen.lanes.find((candidate) => !step.state.done.includes(candidate))!;
            const issued = step.assigned();
            const any = issued[pick % issued.length]!;
            if (kind === 'ready') {
              incarnation++;
              step.send({ type: 'ready', worker: { workerId: `w${pick % 7}`, incarnation } });
            } else if (kind === 'lost') {
              if (step.state.workers.length > 1) step.lose(step.state.workers[pick % step.state.workers.length]!);
            } else if (kind === 'result') step.result(chosen, lane);
            else if (kind === 'stale') step.result(any, any.lanes[pick % any.lanes.length]!);
            else step.fail({ ...chosen, lanes: [lane] });
          }
          for (let left = laneCount; left > 0 && !over(); left--) {
            const open = step.state.assignments.find((a) => a.lanes.some((lane) => !step.state.done.includes(lane)));
            expect(open, 'a lane that nobody computes').toBeDefined();
            step.result(open!, open!.lanes.find((lane) => !step.state.done.includes(lane))!);
          }
          const accepted = step.accepted();
          expect(new Set(accepted).size).toBe(accepted.length);
          if (step.actions.some(({ type }) => type === 'fail')) {
            expect(lanes.some((lane) => strikes(step.state, lane) === MAX_LANE_FAILURES)).toBe(true);
            return;
          }
          expect(accepted.sort((a, b) => a - b)).toEqual(lanes);
          expect(step.actions.filter(({ type }) => type === 'complete')).toHaveLength(1);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a worker that hangs', () => {
  it('is expelled once it owes lanes for too long, and its lanes go to others then', () => {
    const [first, second] = workersOf(2);
    const step = new Step(LANES, [first!, second!]);
    const [own, other] = step.assigned();
    for (const lane of other!.lanes) step.result(other!, lane);
    expect(decide(step.state, { type: 'tick' }, LANE_PATIENCE_MS - 1).actions).toEqual([]);
    const { actions, state } = decide(step.state, { type: 'tick' }, LANE_PATIENCE_MS);
    expect(actions).toEqual([{ type: 'expel', worker: first, why: 'it owes lanes for 600 s' }]);
    expect(state).toBe(step.state);
    expect(lanesIn(step.lose(first!))).toEqual(own!.lanes);
  });
});

describe('lanes that stay with their workers', () => {
  const workers = workersOf(3);
  const [w0, w1, w2] = workers as [WorkerKey, WorkerKey, WorkerKey];
  const start = (lanes: readonly number[] = LANES): Step => new Step(lanes, workers, [w1, w0, w1, w0]);
  const given = (step: Step) => step.assigned().map(({ worker, lanes }) => [worker.workerId, lanes]);

  it('go to them, also where a batch is short', () => {
    expect(given(start())).toEqual([
      ['w1', [0, 2]],
      ['w0', [1, 3]],
    ]);
    expect(given(start([3]))).toEqual([['w0', [3]]]);
  });

  it('fail on them and are tried again there', () => {
    const step = start([0, 1]);
    step.fail(step.assigned()[0] as Assignment);
    expect(given(step).at(-1)).toEqual(['w1', [0]]);
  });

  it('go there one by one once they are suspects, after all others, so that the one that ends workers is named', () => {
    const lost = (lane: number) => {
      const loss = { processNonce: '', sinceMs: 0, why: 'its stream ended', strike: 'certain' } as const;
      return [lane, ['a', 'b'].map((workerId) => ({ workerId, ...loss }))];
    };
    const strikes = { failures: {}, losses: Object.fromEntries([0, 1, 2].map(lost)) };
    const patience = {
      ...{ stragglerMs: null, stallMs: 3000, freshStallMs: 10_000 },
      hangMs: LANE_PATIENCE_MS,
      quietMs: 0,
      absentMs: 0,
      fresh: [],
    };
    const owners = [w0, w0, w0, w0];
    const step = new Step(LANES, [w0], owners);
    step.state = startLanes({ step: 5, lanes: LANES, workers: [w0], owners, owing: [], patience, strikes });
    step.actions.length = 0;
    step.send({ type: 'start' });
    for (const lane of [3, 0]) step.result(step.assigned().at(-1) as Assignment, lane);
    expect(given(step)).toEqual([
      ['w0', [3]],
      ['w0', [0]],
      ['w0', [1]],
    ]);
    step.lose(w0);
    expect(step.actions.at(-1)).toMatchObject({ type: 'fail', lane: 1, lost: 3 });
  });

  it('are given up with them, and are not touched by others that come or go', () => {
    const step = start();
    step.send({ type: 'ready', worker: { workerId: 'w3', incarnation: 1 } });
    step.lose(w2);
    expect(given(step).length).toBe(2);
    expect(step.lose(w0)).toEqual([]);
    expect(step.actions.at(-1)).toMatchObject({ type: 'giveUp', why: expect.stringMatching(/^w0 was lost/) });
  });

  it('are not helped with, however long they take', () => {
    const patience = {
      ...{ stragglerMs: 1, stallMs: 3000, freshStallMs: 10_000 },
      hangMs: LANE_PATIENCE_MS,
      quietMs: 0,
      absentMs: 0,
      fresh: [],
    };
    const begun = { step: 5, lanes: LANES, workers, owners: [w0, w0, w0, w0], owing: [], patience };
    const { state } = decide(startLanes(begun), { type: 'start' }, 0);
    expect(decide(state, { type: 'tick' }, LANE_PATIENCE_MS - 1).actions).toEqual([]);
    expect(decide(startLanes({ ...begun, owners: null }), { type: 'start' }, 0).actions.length).toBe(3);
  });
});
