import { describe, expect, it } from 'vitest';
import type { Assignment } from './lane-state.js';
import { MEAN_STEPS } from './phase-times.js';
import { type ArrivedLanes, MAX_TIMED_WORKERS, StepTimes } from './step-times.js';

function command(
  workerId: string,
  lanes: readonly number[],
  sinceMs: number,
  more: Partial<Assignment> = {},
): Assignment {
  return { worker: { workerId, incarnation: 1 }, attempt: 0, lanes, sinceMs, returned: [], ...more };
}

function arrived(
  lanes: readonly [number, number],
  compute: number,
  wait = 0,
  more: Partial<ArrivedLanes> = {},
): ArrivedLanes {
  const [firstLane, endLane] = lanes;
  const sums = { computeSeconds: compute, waitParametersSeconds: wait };
  return { step: 7, attempt: 0, firstLane, endLane, sums, ...more };
}

const A = { workerId: 'a', incarnation: 1 };

describe('the times of the coordinator', () => {
  it('add up to the step, over its newest ones and over all', () => {
    const times = new StepTimes();
    for (let step = 0; step < MEAN_STEPS + 10; step++) {
      times.began();
      times.phase('command', 0.25);
      times.phase('compute', step < 10 ? 100 : 1);
      for (const phase of ['reduce', 'update', 'broadcast'] as const) times.phase(phase, 0.5);
    }
    const phaseSeconds = { command: 0.25, compute: 0.75, reduce: 0.5, update: 0.5, broadcast: 0.5 };
    expect(times.coordinatorMean()).toEqual({ steps: MEAN_STEPS, phaseSeconds });
    const [total] = times.totals();
    expect(total).toMatchObject({ process: 'coordinator', steps: MEAN_STEPS + 10 });
    expect(total?.phaseSeconds.compute).toBeCloseTo(10 * 99.75 + MEAN_STEPS * 0.75);
  });

  it('leave out a step that came to no end', () => {
    const times = new StepTimes();
    times.began();
    times.phase('command', 9);
    times.phase('compute', 9);
    times.began();
    for (const phase of ['command', 'compute', 'reduce', 'update', 'broadcast'] as const) times.phase(phase, 1);
    expect(times.coordinatorMean()).toMatchObject({ steps: 1, phaseSeconds: { command: 1, compute: 0 } });
  });
});

describe('the times of a worker', () => {
  it('are what it has measured, and the rest until the last of its lanes was there', () => {
    const times = new StepTimes();
    times.commanded(command('a', [0, 1, 2], 1000), 7);
    times.arrived(A, arrived([0, 2], 0.5, 0.25), 2000);
    expect(times.workerMean(A)).toEqual({ steps: 0, phaseSeconds: {}, lanes: [0, 1, 2] });
    // A node of the tree may hold lanes without rows.
    times.arrived(A, arrived([2, 4], 0.5), 3000);
    const mean = { steps: 1, phaseSeconds: { parameters: 0.25, compute: 1, send: 0.75 } };
    expect(times.workerMean(A)).toEqual({ ...mean, lanes: [0, 1, 2] });
    expect(times.totals()[1]).toEqual({ process: 'a', ...mean });
  });

  it('share the time of lanes that are computed at once', () => {
    const times = new StepTimes();
    times.commanded(command('a', [0, 1], 0, { worker: { ...A, replicas: 4 } }), 7);
    times.arrived(A, arrived([0, 2], 1.8), 1000);
    expect(times.workerMean(A).phaseSeconds.compute).toBeCloseTo(0.9);
  });

  it('come from answers to its newest command only', () => {
    const times = new StepTimes();
    times.commanded(command('a', [0], 0), 7);
    times.arrived(A, arrived([0, 1], 1, 0, { step: 6 }), 10);
    times.arrived(A, arrived([0, 1], 1, 0, { attempt: 1 }), 10);
    times.arrived({ workerId: 'b', incarnation: 1 }, arrived([0, 1], 1), 10);
    expect(times.workerMean(A).steps).toBe(0);
    times.arrived(A, arrived([0, 1], 0.001), 10);
    times.arrived(A, arrived([0, 1], 0.001), 20);
    expect(times.workerMean(A).steps).toBe(1);
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('stay within what passed here where it tells %d s', (told) => {
    const times = new StepTimes();
    times.commanded(command('a', [0], 0), 7);
    times.arrived(A, arrived([0, 1], told, told), 1000);
    const seconds = Object.values(times.workerMean(A).phaseSeconds);
    expect(seconds.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(seconds.reduce((sum, value) => sum + value)).toBe(1);
  });

  it('are kept of a limited number, those with the most steps', () => {
    const times = new StepTimes();
    for (let worker = 0; worker <= MAX_TIMED_WORKERS; worker++) {
      const workerId = `w${worker}`;
      times.commanded(command(workerId, [0], 0), 7);
      if (worker !== 3) times.arrived({ workerId, incarnation: 1 }, arrived([0, 1], 1), 1000);
    }
    const kept = times.totals().map(({ process }) => process);
    expect(kept).toHaveLength(MAX_TIMED_WORKERS + 1);
    expect(kept).not.toContain('w3');
    expect(kept).toContain(`w${MAX_TIMED_WORKERS}`);
  });
});
