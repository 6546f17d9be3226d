/** What a run has measured, as text and for JSON. */
import { cpus, loadavg } from 'node:os';
import { median, type Spread, spread } from './statistics.ts';
import type { StepLoopTimes } from './step-loop.ts';
import { parameterCount, WORKERS, type Workload } from './workloads.ts';

/** One repeat of a workload: the step loop, then the bare engine. */
export interface Repeat {
  readonly loop: StepLoopTimes;
  readonly bareMs: readonly number[];
}

/** Figures of a workload over all repeats. */
export interface Summary {
  readonly workload: string;
  readonly title: string;
  readonly parameters: number;
  readonly rowsPerWorker: number;
  readonly stepMs: Spread;
  readonly samplesPerSecond: number;
  readonly bareMs: Spread;
  /** Median of {@link ratios}. */
  readonly ratio: number;
  /** Median step by median bare pass, of each repeat. */
  readonly ratios: readonly number[];
  readonly phasesMs: Readonly<Record<string, number>>;
  readonly workerPhasesMs: Readonly<Record<string, number>>;
}

/** Where a run took place. */
export interface Machine {
  readonly date: string;
  readonly cpus: number;
  readonly cpu: string;
  readonly node: string;
  readonly platform: string;
  /** Load average of the minute before. */
  readonly load: number;
}

/** This machine, now. */
export function thisMachine(): Machine {
  const all = cpus();
  return {
    date: new Date().toISOString(),
    ...{ cpus: all.length, cpu: all[0]?.model.trim() ?? 'unknown', node: process.versions.node },
    ...{ platform: `${process.platform}-${process.arch}`, load: loadavg()[0] ?? Number.NaN },
  };
}

/** Sums up the repeats of a workload. Spreads are over the steps of all repeats, everything else over repeats. */
export function summarize(workload: Workload, repeats: readonly Repeat[]): Summary {
  const ratios = repeats.map(({ loop, bareMs }) => median(loop.stepsMs) / median(bareMs));
  return {
    ...{ workload: workload.name, title: workload.title, rowsPerWorker: workload.rowsPerWorker },
    parameters: parameterCount(workload),
    stepMs: spread(repeats.flatMap(({ loop }) => loop.stepsMs)),
    samplesPerSecond: median(repeats.map(({ loop }) => loop.samplesPerSecond)),
    bareMs: spread(repeats.flatMap(({ bareMs }) => bareMs)),
    ...{ ratio: median(ratios), ratios },
    phasesMs: medianByPhase(repeats.map(({ loop }) => loop.phasesMs)),
    workerPhasesMs: medianByPhase(repeats.map(({ loop }) => loop.workerPhasesMs)),
  };
}

/** The lines about the machine. */
export function machineText({ date, cpus, cpu, node, platform, load }: Machine): string {
  return `${date.slice(0, 16)}Z, ${cpus} x ${cpu}, ${platform}, Node ${node}, load ${load.toFixed(2)} before the run\n`;
}

/** The lines about a workload. */
export function summaryText(summary: Summary): string {
  const { workload, title, parameters, rowsPerWorker, samplesPerSecond, ratio, ratios } = summary;
  const samples = Math.round(samplesPerSecond).toLocaleString('en-US');
  return `
${workload.toUpperCase()}  ${title}, ${parameters.toLocaleString('en-US')} parameters, ${WORKERS} workers x ${rowsPerWorker} rows
  step         ${spreadText(summary.stepMs)}, ${samples} samples/s
  bare engine  ${spreadText(summary.bareMs)}
  ratio        ${ratio.toFixed(2)} (repeats: ${ratios.map((value) => value.toFixed(2)).join(', ')})
  coordinator  ${phasesText(summary.phasesMs, ['command', 'compute', 'reduce', 'update', 'broadcast', 'other'])}
  worker       ${phasesText(summary.workerPhasesMs, ['wait_parameters', 'compute', 'upload'])}
`;
}

function spreadText({ median, p10, p90 }: Spread): string {
  return `${digits(median)} ms (p10 ${digits(p10)}, p90 ${digits(p90)})`;
}

/** Known phases in their order, then any other. */
function phasesText(phasesMs: Readonly<Record<string, number>>, order: readonly string[]): string {
  const names = [
    ...order.filter((name) => name in phasesMs),
    ...Object.keys(phasesMs).filter((n) => !order.includes(n)),
  ];
  return names.map((name) => `${name} ${digits(phasesMs[name] ?? Number.NaN)}`).join(', ');
}

function digits(milliseconds: number): string {
  return milliseconds.toFixed(Math.abs(milliseconds) < 10 ? 3 : 1);
}

function medianByPhase(repeats: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(repeats.flatMap((phases) => Object.keys(phases)));
  return Object.fromEntries([...names].map((name) => [name, median(repeats.flatMap((phases) => phases[name] ?? []))]));
}
