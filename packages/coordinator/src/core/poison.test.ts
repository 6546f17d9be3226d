/** A lane that ends workers takes three of them and is named; workers lost for other reasons count for nothing. */
import { describe, expect, it } from 'vitest';
import type { Assignment, LaneAction, LaneEvent, LaneState, WorkerKey } from './lane-state.js';
import { decide, startLanes } from './lanes.js';

const LANES = [0, 1, 2, 3];

/** A step on workers that compute their lanes in order; lane `poison` ends whoever computes it. */
class Step {
  state: LaneState;
  readonly lost: string[] = [];
  outcome: LaneAction | null = null;
  readonly #poison: number;
  readonly #todo: Assignment[] = [];

  constructor(workers: number, poison: number) {
    this.#poison = poison;
    const keys = Array.from({ length: workers }, (_, slot) => ({ workerId: `w${slot}`, incarnation: 1 }));
    const patience = { stragglerMs: null, hangMs: 1e9, fresh: [] };
    this.state = startLanes({ step: 5, lanes: LANES, workers: keys, owing: [], patience });
    this.send({ type: 'start' });
  }

  send(event: LaneEvent): void {
    const { state, actions } = decide(this.state, event, 0);
    this.state = state;
    for (const action of actions) {
      if (action.type === 'assign') this.#todo.push(action.assignment);
      if (action.type === 'fail' || action.type === 'complete') this.outcome = action;
    }
  }

  lose(worker: WorkerKey, left = false): void {
    this.lost.push(worker.workerId);
    this.send({ type: 'lost', worker, why: 'its stream was cut', left });
  }

  /** Runs to an end. Pre-summed lanes are answered together, so nothing of an attempt arrives before its worker is lost. */
  run(): void {
    for (let next = this.#todo.shift(); next && !this.outcome; next = this.#todo.shift()) {
      const { worker, attempt } = next;
      const lanes = this.state.assignments.find((assignment) => assignment.attempt === attempt)?.lanes ?? [];
      if (lanes.includes(this.#poison)) this.lose(worker);
      else for (const first of lanes) this.send({ type: 'result', worker, attempt, range: { first, end: first + 1 } });
    }
  }
}

describe('a poison lane', () => {
  it.each([3, 4, 9])('ends three of %i workers, then the job, and is named', (workers) => {
    for (const poison of LANES) {
      const step = new Step(workers, poison);
      step.run();
      expect(step.lost).toHaveLength(3);
      expect(step.outcome).toMatchObject({ type: 'fail', lane: poison, lost: 3, why: 'its stream was cut' });
    }
  });

  it.each([1, 2])('ends three lives of %i workers that come back', (workers) => {
    const step = new Step(workers, 2);
    for (let life = 2; life < 9 && !step.outcome; life++) {
      step.run();
      const workerId = step.lost.at(-1) ?? '';
      if (!step.outcome) step.send({ type: 'ready', worker: { workerId, incarnation: life } });
    }
    expect(step.lost).toHaveLength(3);
    expect(step.outcome).toMatchObject({ type: 'fail', lane: 2, lost: 3 });
  });

  it('counts engine errors and losses together', () => {
    const step = new Step(4, 1);
    const [, assignment] = step.state.assignments;
    const { worker, attempt } = assignment as Assignment;
    step.send({ type: 'failed', worker, attempt, lanes: [1], why: 'out of memory' });
    step.run();
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
      step.lose(step.state.workers[0] as WorkerKey, true);
      step.send({ type: 'ready', worker: { workerId: 'w0', incarnation: life } });
    }
    step.run();
    expect(step.outcome).toEqual({ type: 'complete' });
  });

  it('end nothing when they owed nothing', () => {
    const step = new Step(8, -1);
    for (const worker of step.state.workers.slice(4)) step.lose(worker);
    step.run();
    expect(step.outcome).toEqual({ type: 'complete' });
  });
});
