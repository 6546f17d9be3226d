/** The pure parts of the benches: statistics, phases, steps, options and workloads. */
import { parseJobSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { readOptions } from '../bench/options.ts';
import { median, quantile, spread } from '../bench/statistics.ts';
import { cutSteps } from '../bench/step-times.ts';
import { longestStandstill } from '../bench/torchrun.ts';
import { meanOf, meanPhasesMs, parsePhases } from '../bench/worker-phases.ts';
import { csvOf, parameterCount, specOf, WORKLOADS, type Workload } from '../bench/workloads.ts';

const [w1, w2] = [WORKLOADS.w1, WORKLOADS.w2] as [Workload, Workload];

describe('statistics', () => {
  it('interpolates between values and leaves them in their order', () => {
    const values = [10, 2, 4, 8];
    expect(quantile(values, 0)).toBe(2);
    expect(quantile(values, 1)).toBe(10);
    expect(median(values)).toBe(6);
    expect(quantile(values, 0.9)).toBeCloseTo(9.4);
    expect(values).toEqual([10, 2, 4, 8]);
  });

  it('takes the only value, and nothing of none', () => {
    expect(spread([3])).toEqual({ median: 3, p10: 3, p90: 3 });
    expect(median([])).toBeNaN();
  });
});

const PAGE = `# TYPE lockstep_step_phase_seconds histogram
lockstep_step_phase_seconds_bucket{le="0.1",phase="compute",worker="w"} 4
lockstep_step_phase_seconds_sum{phase="compute",worker="w"} 1.5e-1
lockstep_step_phase_seconds_count{phase="compute",worker="w"} 4
lockstep_step_phase_seconds_sum{worker="w",phase="upload"} 0.25
lockstep_step_phase_seconds_count{worker="w",phase="upload"} 2
lockstep_lanes_computed_total{worker="w"} 4
`;

describe('worker phases', () => {
  it('reads the sum and the count of each phase', () => {
    expect([...parsePhases(PAGE)]).toEqual([
      ['compute', { seconds: 0.15, count: 4 }],
      ['upload', { seconds: 0.25, count: 2 }],
    ]);
  });

  it('gives the mean between two pages of what was observed there', () => {
    const before = parsePhases(PAGE);
    const after = new Map([...before, ['compute', { seconds: 0.35, count: 6 }], ['wait', { seconds: 1, count: 1 }]]);
    const means = meanPhasesMs(before, after);
    expect(Object.keys(means)).toEqual(['compute', 'wait']);
    expect(means.compute).toBeCloseTo(100);
    expect(means.wait).toBe(1000);
  });

  it('gives the mean over the processes that have a phase', () => {
    expect(meanOf([{ compute: 1 }, { compute: 3, upload: 5 }])).toEqual({ compute: 2, upload: 5 });
  });
});

describe('step times', () => {
  const records = {
    committedMs: [100, 110, 130, 135, 1000],
    rows: [9, 64, 64, 64, 9],
    phasesMs: { command: [9, 1, 1, 1, 9], compute: [99, 6, 8, 2, 99], update: [99, 1, 2, 1, 99] },
  };

  it('are those after the warm-up, from commit to commit', () => {
    const times = cutSteps(records, 1, 3);
    expect(times.stepsMs).toEqual([10, 20, 5]);
    expect(times.samplesPerSecond).toBeCloseTo((3 * 64) / 0.035);
  });

  it('leave as other what lies in no phase, where command is a part of compute', () => {
    expect(cutSteps(records, 1, 3).phasesMs).toEqual({ command: 1, compute: 6, update: 1, other: 3 });
  });

  it('are refused of a job that was too short', () => {
    expect(() => cutSteps(records, 1, 5)).toThrow('5 steps ran, 6 are needed');
  });
});

describe('options', () => {
  it('are every workload with its own steps unless told otherwise', () => {
    const options = readOptions([]);
    expect(options?.workloads).toEqual([w1, w2]);
    expect(options?.stepsOf(w1)).toBe(w1.steps);
    expect(readOptions(['--quick'])?.stepsOf(w1)).toBe(w1.quickSteps);
  });

  it('take a choice', () => {
    const options = readOptions(['--workloads', 'W2', '--repeats', '7', '--steps', '3', '--quick', '--json', 'a.json']);
    expect(options).toMatchObject({ workloads: [w2], repeats: 7, json: 'a.json' });
    expect(options?.stepsOf(w2)).toBe(3);
  });

  it('say what is wrong', () => {
    expect(() => readOptions(['--workloads', 'w9'])).toThrow('--workloads has "w9"; there are w1, w2.');
    expect(() => readOptions(['--repeats', '0'])).toThrow('--repeats is "0"');
    expect(() => readOptions(['--fast'])).toThrow("Unknown option '--fast'");
  });

  it('ask for help with null', () => {
    expect(readOptions(['--help', '--repeats', '2'])).toBeNull();
  });
});

describe.each([w1, w2])('workload $name', (workload) => {
  it('has a spec that is long enough and without fault', () => {
    const { spec, problems } = parseJobSpec(specOf(workload, 1001));
    expect(problems).toEqual([]);
    const perEpoch = workload.tableRows / (2 * workload.rowsPerWorker);
    expect(Number.isInteger(perEpoch)).toBe(true);
    expect((spec?.train.epochs ?? 0) * perEpoch).toBeGreaterThanOrEqual(1001);
  });

  it('has the same table on every run', () => {
    const csv = csvOf(workload);
    expect(csvOf(workload)).toBe(csv);
    const lines = csv.trimEnd().split('\n');
    expect(lines).toHaveLength(workload.tableRows + 1);
    const cells = lines.slice(1).map((line) => line.split(',').map(Number));
    expect(cells.every((row) => row.length === workload.features + 1)).toBe(true);
    const features = cells.flatMap((row) => row.slice(0, -1));
    expect(features.every((value) => value >= -1 && value <= 1)).toBe(true);
    expect(Math.abs(features.reduce((sum, value) => sum + value, 0) / features.length)).toBeLessThan(0.01);
  });
});

describe('the standstill of torchrun', () => {
  const steps = (...pairs: readonly (readonly [number, number])[]) =>
    pairs.map(([seconds, step]) => ({ pid: 1, seconds, step }));

  it('ends with the first step that had not been done before the kill', () => {
    expect(longestStandstill(steps([1, 40], [2, 41], [9, 21], [12, 41], [12.5, 42], [13, 43]), 2)).toBe(10.5);
  });
});

describe('models', () => {
  it('have the parameters of the layers named', () => {
    expect(parameterCount(w1)).toBe(30 * 64 + 64 + 64 * 64 + 64 + 64 + 1);
    expect(parameterCount(w2)).toBe(784 * 1024 + 1024 + 1024 * 1024 + 1024 + 1024 * 10 + 10);
  });
});
