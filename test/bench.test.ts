/** The pure parts of the benches: statistics, phases, steps, options and workloads. */
import { parseJobSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { parseCores, pinned } from '../bench/cores.ts';
import { CURVES, workloadOf } from '../bench/growth.ts';
import { entryOf, type HistoryEntry, losses, parseHistory } from '../bench/history.ts';
import { readOptions } from '../bench/options.ts';
import { parsePeakMb, parsePrivateMb, parseStat, programName } from '../bench/proc.ts';
import type { Machine } from '../bench/report.ts';
import { type BenchRow, betterVariant, partsMs, type Repeat, type RowOf, toRow } from '../bench/rows.ts';
import { median, quantile, spread } from '../bench/statistics.ts';
import { cutSteps } from '../bench/step-times.ts';
import { longestStandstill } from '../bench/torchrun.ts';
import { meanOf, meanPhasesMs, parsePhases } from '../bench/worker-phases.ts';
import { csvLines, parameterCount, specOf, unavailable, WORKLOADS, type Workload } from '../bench/workloads.ts';

const [w1, w2, w4] = [WORKLOADS.w1, WORKLOADS.w2, WORKLOADS.w4] as [Workload, Workload, Workload];
const network = { link: 'network', wire: 'float32' } as const;

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
    expect(options).toMatchObject({ workloads: [w1, w2, w4], links: ['host', 'network'], wires: ['float32'] });
    expect(options?.stepsOf(w1)).toBe(w1.steps);
    expect(readOptions(['--quick'])?.stepsOf(w1)).toBe(w1.quickSteps);
  });

  it('take a choice', () => {
    const choice = [
      '--workloads',
      'W2',
      '--link',
      'network,auto',
      '--wire',
      'bf16',
      '--repeats',
      '7',
      '--json',
      'a.json',
    ];
    const options = readOptions([...choice, '--steps', '3', '--quick']);
    expect(options).toMatchObject({ workloads: [w2], links: ['network', 'auto'], wires: ['bf16'], repeats: 7 });
    expect(options).toMatchObject({ json: 'a.json', isQuick: true, isGrowth: false });
    expect(options?.stepsOf(w2)).toBe(3);
  });

  it('say what is wrong', () => {
    expect(() => readOptions(['--workloads', 'w9'])).toThrow('--workloads has "w9"; there are w1, w2, w4.');
    expect(() => readOptions(['--link', 'wire'])).toThrow('--link has "wire"; there are auto, host, network.');
    expect(() => readOptions(['--repeats', '0'])).toThrow('--repeats is "0"');
    expect(() => readOptions(['--fast'])).toThrow("Unknown option '--fast'");
  });

  it('ask for help with null', () => {
    expect(readOptions(['--help', '--repeats', '2'])).toBeNull();
  });
});

describe.each([w1, w2, w4])('workload $name', (workload) => {
  it('has a spec without fault over the network, and many steps in an epoch', () => {
    const { spec, problems } = parseJobSpec(specOf(workload, network));
    expect(problems).toEqual([]);
    expect(spec?.run).toMatchObject({ workers: 2, link: 'network' });
    const perEpoch = workload.tableRows / (2 * workload.rowsPerWorker);
    expect(Number.isInteger(perEpoch)).toBe(true);
    expect(perEpoch).toBeGreaterThanOrEqual(16);
  });

  it('has the same table on every run', () => {
    const head = (): string[] =>
      Array.from(
        { length: 100 },
        (
          (lines) => () =>
            lines.next().value as string
        )(csvLines(workload)),
      );
    const lines = head();
    expect(head()).toEqual(lines);
    const cells = lines.slice(1).map((line) => line.split(',').map(Number));
    expect(cells.every((row) => row.length === workload.features + 1)).toBe(true);
    const features = cells.flatMap((row) => row.slice(0, -1));
    expect(features.every((value) => value >= -1 && value <= 1)).toBe(true);
    expect(Math.abs(features.reduce((sum, value) => sum + value, 0) / features.length)).toBeLessThan(0.05);
  });
});

describe('ways that the spec refuses', () => {
  it('are said with the reason', () => {
    expect(unavailable(w1, network)).toBeNull();
    expect(unavailable(w1, { link: 'carrier-pigeon' as 'auto', wire: 'float32' })).toMatch(/carrier-pigeon|link/);
  });
});

describe('curves of growth', () => {
  it('have as many lanes as workers, and the parameters that they name', () => {
    for (const at of Object.values(CURVES).flat()) {
      const workload = workloadOf(at);
      expect(parseJobSpec(specOf(workload, network, at.workers)).spec?.train.lanes).toBe(at.workers);
      expect((parameterCount(workload) * 4) / 1e6 / at.megabytes).toBeCloseTo(1, 1);
    }
  });
});

describe('cores', () => {
  it('are read from a list with ranges', () => {
    expect(parseCores('0-2,5\n')).toEqual([0, 1, 2, 5]);
    expect(parseCores('')).toEqual([]);
  });

  it('are named in front of a command, or not', () => {
    expect(pinned(3, 'node', 'a.js')).toEqual(['taskset', '-c', '3', 'node', 'a.js']);
    expect(pinned(undefined, 'node', 'a.js')).toEqual(['node', 'a.js']);
  });
});

describe('what a process has used', () => {
  it('is its private memory without shared segments', () => {
    const rollup = 'Rss: 900 kB\nShared_Dirty:  500 kB\nPrivate_Clean:  1000 kB\nPrivate_Dirty:  24 kB\n';
    expect(parsePrivateMb(rollup)).toBeCloseTo(1.048576);
    expect(parsePrivateMb('')).toBeNull();
  });

  it('is the most memory that it had, under the name of its script', () => {
    expect(parsePeakMb('VmPeak:\t 9000 kB\nVmHWM:\t    1000 kB\nVmRSS:\t 900 kB\n')).toBeCloseTo(1.024);
    expect(parsePeakMb('Name:\tkthreadd\n')).toBeNull();
    expect(programName('/usr/bin/node\0--expose-gc\0/a/lockstep.js\0worker\0--server\0-\0')).toBe('lockstep.js worker');
    expect(programName('/opt/nats-server\0-c\0/tmp/nats.conf\0')).toBe('nats-server');
  });

  it('is its CPU time, whatever its name holds', () => {
    const stat = '77 (a) b) S 5 77 77 0 -1 4194304 100 0 0 0 150 50 0 0 20 0 1 0 1 1 1';
    expect(parseStat(stat)).toEqual({ name: 'a) b', parent: 5, cpuSeconds: 2 });
  });
});

const OF: RowOf = { workload: 'w2', link: 'network', wire: 'float32', parameters: 1_000_000 };
const LIMITS = { memoryCopy: 1e10, tcp: 1e9, grpcToServer: 8e8, grpcToClients: 1e9, natsFanOut: 4e8 };

function repeat(stepMs: number, peer: Repeat['peer'] = null): Repeat {
  const loop = {
    ...{ stepsMs: [stepMs], samplesPerSecond: 1, phasesMs: { reduce: 2, update: 3 }, workerPhasesMs: {} },
    ...{ workerMemoryMb: 100, coordinatorMemoryMb: null },
    cpuSecondsPerStep: { coordinator: null, workers: null, nats: null },
  };
  return { loop, toFirstStepSeconds: 0.5, peer, bareMs: [20], limits: LIMITS };
}

const peer = (...ms: readonly [number, number]): Repeat['peer'] => ({
  toFirstStepSeconds: 5,
  variants: { default: [ms[0]], tuned: [ms[1]] },
});

describe('rows', () => {
  it('have exactly the names that readers of the file know', () => {
    const names = ['workload', 'link', 'wire', 'msPerStep', 'peerMsPerStep', 'ratioToPeer', 'ratioToEngine'];
    const more = ['ratioToParts', 'toFirstStepSeconds', 'workerMemoryMb', 'coordinatorMemoryMb'];
    expect(Object.keys(toRow(OF, [repeat(40)]))).toEqual([...names, ...more]);
  });

  it('take the median of the ratios of each repeat', () => {
    const row = toRow(OF, [repeat(40, peer(80, 90)), repeat(60, peer(60, 90)), repeat(50, peer(50, 90))]);
    expect(row).toMatchObject({ msPerStep: 50, peerMsPerStep: 60, ratioToPeer: 1, ratioToEngine: 2.5 });
  });

  it('compare with the variant of the peer that is faster over all repeats', () => {
    expect(betterVariant([peer(1, 3), peer(9, 4), peer(9, 4)])).toBe('tuned');
    expect(betterVariant([null, peer(3, 4)])).toBe('default');
    expect(betterVariant([null])).toBeNull();
  });

  it('have nulls where nothing is known', () => {
    const row = toRow({ ...OF, link: 'host' }, [repeat(40)]);
    expect(row).toMatchObject({ peerMsPerStep: null, ratioToPeer: null, ratioToParts: null });
    expect(row).toMatchObject({ workerMemoryMb: 100, coordinatorMemoryMb: null });
  });

  it('add up the parts: engine, gradients of both workers, one broadcast, kernel', () => {
    expect(partsMs(OF, repeat(40))).toBeCloseTo(20 + 10 + 10 + 5);
    expect(partsMs({ ...OF, wire: 'bf16' }, repeat(40))).toBeCloseTo(20 + 5 + 10 + 5);
    expect(toRow(OF, [repeat(90)]).ratioToParts).toBeCloseTo(2);
  });
});

describe('the history of ratios', () => {
  const machine: Machine = { date: '2026-01-01', cpus: 2, cpu: 'c', node: '20', platform: 'linux-x64', load: 0 };
  const entry = (ratioToEngine: number, on: Partial<Machine> = {}): HistoryEntry => {
    const row: BenchRow = { ...toRow(OF, [repeat(40)]), ratioToEngine, ratioToParts: null };
    return entryOf({ ...machine, ...on }, 'abc', [row]);
  };

  it('warns of a loss of more than a tenth against the median', () => {
    const before = [entry(2), entry(3), entry(2)];
    expect(losses(entry(2.1), before)).toEqual([]);
    expect(losses(entry(2.3), before)).toEqual([
      'w2 network float32: ratioToEngine is 2.30; the median of the last 3 is 2.00',
    ]);
  });

  it('compares with the last five of the same kind of machine only', () => {
    expect(losses(entry(9), [entry(1, { cpu: 'other' }), entry(1, { cpus: 64 })])).toEqual([]);
    expect(
      losses(
        entry(5),
        [1, 1, 1, 1, 5, 5, 5, 5, 5].map((ratio) => entry(ratio)),
      ),
    ).toEqual([]);
  });

  it('survives its file', () => {
    const entries = [entry(2), entry(3)];
    expect(parseHistory(entries.map((one) => `${JSON.stringify(one)}\n`).join(''))).toEqual(entries);
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
