/** A lane that ends workers takes three of them and is named; workers that are alive or lost for other reasons count for nothing. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assignment, Ending, LaneAction, LaneEvent, LaneState, WorkerKey } from './lane-state.js';
import { decide, startLanes } from './lanes.js';

const LANES = [0, 1, 2, 3];
const ABSENT_MS = 1000;
const QUIET_MS = 200;

/** A step on workers that compute their lanes in order; lane `poison` ends whoever computes it. */
class Step {
  state: LaneState;
  readonly lost: string[] = [];
  poison: number;
  nowMs = 0;
  /** When workers that are lost were last heard. */
  spokeMs = 0;
  outcome: LaneAction | null = null;
  readonly #todo: Assignment[] = [];
  #incarnation = 1;

  constructor(workers: number, poison: number) {
    this.poison = poison;
    const keys = Array.from({ length: workers }, (_, slot) => ({ workerId: `w${slot}`, incarnation: 1 }));
    const patience = {
      ...{ stragglerMs: null, stallMs: 3000, freshStallMs: 10_000 },
      hangMs: 1e9,
      quietMs: QUIET_MS,
      absentMs: ABSENT_MS,
      fresh: [],
    };
    this.state = startLanes({ step: 5, lanes: LANES, workers: keys, owing: [], patience });
    this.send({ type: 'start' });
  }

  send(event: LaneEvent): void {
    const { state, actions } = decide(this.state, event, this.nowMs);
    this.state = state;
    for (const action of actions) {
      if (action.type === 'assign') this.#todo.push(action.assignment);
      if (action.type === 'fail' || action.type === 'complete') this.outcome ??= action;
    }
  }

  lose(worker: WorkerKey, ending: Ending = 'vanished', processNonce = worker.workerId): void {
    this.lost.push(worker.workerId);
    const { spokeMs } = this;
    this.send({ type: 'lost', worker, processNonce, spokeMs, why: 'its stream was cut', ending });
  }

  /** Joins under a name, by the process that had it or by a new one. */
  join(workerId: string, processNonce = workerId): void {
    this.send({ type: 'joined', workerId, processNonce });
    this.#incarnation++;
    this.send({ type: 'ready', worker: { workerId, incarnation: this.#incarnation } });
  }

  /** Lets so much time pass that whoever has not joined again is dead. */
  wait(): void {
    this.nowMs += ABSENT_MS;
    this.spokeMs = this.nowMs;
    this.send({ type: 'tick' });
  }

  /** Who has the lane. */
  holder(lane: number): WorkerKey | undefined {
    return this.state.assignments.find(({ lanes }) => lanes.includes(lane))?.worker;
  }

  /** Runs to an end. Pre-summed lanes are answered together, so nothing of an attempt arrives before its worker is lost. */
  run(): void {
    for (let next = this.#todo.shift(); next && !this.outcome; next = this.#todo.shift()) {
      const { worker, attempt } = next;
      const lanes = this.state.assignments.find((assignment) => assignment.attempt === attempt)?.lanes ?? [];
      if (lanes.includes(this.poison)) this.lose(worker);
      else for (const first of lanes) this.send({ type: 'result', worker, attempt, range: { first, end: first + 1 } });
    }
  }
}

describe('a poison lane', () => {
  it.each([3, 4, 9])('ends three of %i workers, then the job, and is named', (workers) => {
    for (const poison of LANES) {
      const step = new Step(workers, poison);
      step.run();
      expect(step.outcome).toBeNull();
      step.wait();
      expect(step.lost).toHaveLength(3);
      expect(step.outcome).toMatchObject({ type: 'fail', lane: poison, lost: 3, why: 'its stream was cut' });
    }
  });

  it.each([1, 2])('ends three lives of %i workers that are started again', (workers) => {
    const step = new Step(workers, 2);
    for (let life = 2; life < 9 && !step.outcome; life++) {
      step.run();
      step.join(step.lost.at(-1) ?? '', `life ${life}`);
    }
    step.wait();
    expect(step.lost).toHaveLength(3);
    expect(step.outcome).toMatchObject({ type: 'fail', lane: 2, lost: 3 });
  });

  it('counts engine errors and losses together', () => {
    const step = new Step(4, 1);
    const [, assignment] = step.state.assignments;
    const { worker, attempt } = assignment as Assignment;
    step.send({ type: 'failed', worker, attempt, lanes: [1], why: 'out of memory' });
    step.run();
    step.wait();
    expect(step.lost).toHaveLength(2);
    expect(step.outcome).toMatchObject({ type: 'fail', lane: 1, lost: 2 });
  });
});

describe('workers that are lost for other reasons', () => {
  it('end nothing when different lanes are lost with them', () => {
    const step = new Step(8, -1);
    for (const { worker } of [...step.state.assignments]) step.lose(worker);
    step.run();
    expect(step.outcome).toEqual({ type: 'complete' });
  });

  it('end nothing when they said goodbye', () => {
    const step = new Step(1, -1);
    for (let life = 2; life < 9; life++) {
      step.lose(step.state.workers[0] as WorkerKey, 'left');
      step.join('w0', `life ${life}`);
    }
    step.run();
    expect(step.outcome).toEqual({ type: 'complete' });
  });

  it.each([
    [QUIET_MS, 3],
    [QUIET_MS + 1, 0],
  ])('count only if they can have been there %i ms after their last word, when they got the lane', (quietMs, lost) => {
    const step = new Step(1, -1);
    step.lose(step.state.workers[0] as WorkerKey, 'left');
    for (let life = 0; life < 9 && !step.outcome; life++) {
      step.nowMs += 10 * QUIET_MS;
      step.spokeMs = step.nowMs - quietMs;
      step.join('w0', `life ${life}`);
      step.lose(step.state.workers[0] as WorkerKey, 'expelled');
    }
    expect(step.outcome?.type === 'fail' ? step.outcome.lost : 0).toBe(lost);
  });

  it('end nothing when they owed nothing', () => {
    const step = new Step(8, -1);
    for (const worker of step.state.workers.slice(4)) step.lose(worker);
    step.run();
    expect(step.outcome).toEqual({ type: 'complete' });
  });
});

describe('workers that are alive', () => {
  it('keep a lane waiting for them that would be the third strike, and get it back at once', () => {
    const step = new Step(4, 2);
    step.run();
    expect(step.lost).toHaveLength(3);
    expect([step.holder(2), step.outcome]).toEqual([undefined, null]);
    step.poison = -1;
    step.join(step.lost[1] as string);
    expect(step.holder(2)).toBeDefined();
    step.run();
    expect(step.outcome).toEqual({ type: 'complete' });
  });

  it('are found out when they vanish over a lane each time', () => {
    const step = new Step(1, 0);
    for (let life = 0; life < 9 && !step.outcome; life++) {
      step.run();
      step.join('w0');
    }
    expect(step.lost).toHaveLength(4);
    expect(step.outcome).toMatchObject({ type: 'fail', lane: 0, lost: 3 });
  });

  it('count when they were ended here, also when they join again', () => {
    const step = new Step(1, -1);
    for (let life = 0; life < 9 && !step.outcome; life++) {
      step.lose(step.state.workers[0] as WorkerKey, 'expelled');
      if (!step.outcome) step.join('w0');
    }
    expect(step.lost).toHaveLength(3);
  });

  it('never add to three deaths, whoever vanishes, comes back or dies', () => {
    const moves = fc.array(
      fc.record({ kind: fc.constantFrom('die', 'vanish', 'return', 'restart'), pick: fc.nat(99) }),
      {
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), moves, (workers, sequence) => {
        const step = new Step(workers, -1);
        const processes = new Map<string, string>(step.state.workers.map(({ workerId }) => [workerId, workerId]));
        const dead = new Map<number, number>();
        const away: { workerId: string; isAlive: boolean }[] = [];
        const vanished = new Set<string>();
        for (const [index, { kind, pick }] of sequence.entries()) {
          if (step.outcome) break;
          const worker = step.state.workers[pick % step.state.workers.length];
          if ((kind === 'die' || kind === 'vanish') && worker) {
            const nonce = processes.get(worker.workerId) as string;
            // A process that vanishes twice is found out above.
            const isAlive = kind === 'vanish' && !vanished.has(nonce);
            vanished.add(nonce);
            const owed = step.state.assignments.filter((each) => each.worker.workerId === worker.workerId);
            if (!isAlive)
              for (const lane of owed.flatMap(({ lanes }) => lanes)) dead.set(lane, (dead.get(lane) ?? 0) + 1);
            away.push({ workerId: worker.workerId, isAlive });
            step.lose(worker, 'vanished', nonce);
          } else if (away.length > 0) {
            const [{ workerId, isAlive }] = away.splice(pick % away.length, 1) as [(typeof away)[number]];
            if (!isAlive) processes.set(workerId, `process ${index}`);
            step.join(workerId, processes.get(workerId) as string);
          }
        }
        for (const { workerId, isAlive } of away) if (isAlive) step.join(workerId, processes.get(workerId) as string);
        step.wait();
        step.join('a last one');
        step.run();
        const most = Math.max(0, ...dead.values());
        expect(most).toBeLessThanOrEqual(3);
        expect(step.outcome?.type).toBe(most === 3 ? 'fail' : 'complete');
      }),
      { numRuns: 500 },
    );
  });
});
