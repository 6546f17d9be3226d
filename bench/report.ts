/** What a run has measured, as text. */
import { cpus, loadavg } from 'node:os';
import type { Limits } from './limits.ts';
import { type BenchRow, betterVariant, kernelMs, partsMs, type Repeat, type RowOf } from './rows.ts';
import { median, type Spread, spread } from './statistics.ts';

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

/** The lines about the machine. */
export function machineText({ date, cpus, cpu, node, platform, load }: Machine): string {
  return `${date.slice(0, 16)}Z, ${cpus} x ${cpu}, ${platform}, Node ${node}, load ${load.toFixed(2)} before the run\n`;
}

/** The line about what the machine can do at best. */
export function limitsText({ memoryCopy, tcp, grpcToServer, grpcToClients, natsFanOut }: Limits): string {
  const rate = (bytes: number): string => `${Math.round(bytes / 1e6).toLocaleString('en-US')} MB/s`;
  return `\nlimits  memory copy ${rate(memoryCopy)}, TCP ${rate(tcp)}, gRPC to server ${rate(grpcToServer)}, gRPC to clients ${rate(grpcToClients)}, NATS to 2 ${rate(natsFanOut)}\n`;
}

/** The lines about a row. @param scaling samples/s with two workers by that with one */
export function rowText(row: BenchRow, of: RowOf, repeats: readonly Repeat[], scaling: number): string {
  const variant = betterVariant(repeats.map(({ peer }) => peer));
  const peerMs = repeats.flatMap(({ peer }) => (variant && peer?.variants[variant]) ?? []);
  const samples = median(repeats.map(({ loop }) => loop.samplesPerSecond));
  const cpu = (kind: 'coordinator' | 'workers' | 'nats'): string =>
    `${kind} ${digits(median(repeats.map(({ loop }) => (loop.cpuSecondsPerStep[kind] ?? Number.NaN) * 1000)))}`;
  const peer = variant
    ? `${spreadText(spread(peerMs))} (${variant}), first step after ${digits(median(repeats.map((r) => r.peer?.toFirstStepSeconds ?? Number.NaN)))} s`
    : 'left out';
  return `
${row.workload.toUpperCase()}  link ${row.link}, wire ${row.wire}, ${of.parameters.toLocaleString('en-US')} parameters
  step         ${spreadText(spread(repeats.flatMap(({ loop }) => loop.stepsMs)))}, ${Math.round(samples).toLocaleString('en-US')} samples/s, ${scaling.toFixed(2)} times one worker's
  peer         ${peer}
  bare engine  ${spreadText(spread(repeats.flatMap(({ bareMs }) => bareMs)))}
  parts        ${digits(median(repeats.map((repeat) => partsMs(of, repeat))))} ms, of it kernel ${digits(median(repeats.map(({ loop }) => kernelMs(loop))))}
  ratios       to peer ${ratio(row.ratioToPeer)}, to engine ${ratio(row.ratioToEngine)}, to parts ${ratio(row.ratioToParts)}
  first step   after ${row.toFirstStepSeconds.toFixed(2)} s
  memory       worker ${megabytes(row.workerMemoryMb)}, coordinator ${megabytes(row.coordinatorMemoryMb)} (private)
  CPU ms/step  ${cpu('coordinator')}, ${cpu('workers')}, ${cpu('nats')}
  coordinator  ${phasesText(medianByPhase(repeats.map(({ loop }) => loop.phasesMs)), ['command', 'compute', 'reduce', 'update', 'broadcast', 'other'])}
  worker       ${phasesText(medianByPhase(repeats.map(({ loop }) => loop.workerPhasesMs)), ['wait_parameters', 'compute', 'upload'])}
`;
}

/** A median with its spread. */
export function spreadText({ median, p10, p90 }: Spread): string {
  return `${digits(median)} ms (p10 ${digits(p10)}, p90 ${digits(p90)})`;
}

/** Known phases in their order, then any other. */
export function phasesText(phasesMs: Readonly<Record<string, number>>, order: readonly string[]): string {
  const names = [
    ...order.filter((name) => name in phasesMs),
    ...Object.keys(phasesMs).filter((name) => !order.includes(name)),
  ];
  return names.map((name) => `${name} ${digits(phasesMs[name] ?? Number.NaN)}`).join(', ');
}

function digits(value: number): string {
  return value.toFixed(Math.abs(value) < 10 ? 3 : 1);
}

function ratio(value: number | null): string {
  return value === null ? '-' : value.toFixed(2);
}

function megabytes(value: number | null): string {
  return value === null ? '-' : `${Math.round(value)} MB`;
}

function medianByPhase(repeats: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(repeats.flatMap((phases) => Object.keys(phases)));
  return Object.fromEntries([...names].map((name) => [name, median(repeats.flatMap((phases) => phases[name] ?? []))]));
}
