/** One row for each workload, link and wire: what a step takes, and beside what. Pure. */
import type { Limits } from './limits.ts';
import type { PeerTimes } from './peer.ts';
import { median } from './statistics.ts';
import type { StepLoopTimes } from './step-loop.ts';
import { type Way, WIRE_BYTES, WORKERS } from './workloads.ts';

/** A row of the JSON file. Ratios are medians over repeats of ours / theirs: lower is better. */
export interface BenchRow {
  readonly workload: string;
  readonly link: string;
  readonly wire: string;
  readonly msPerStep: number;
  /** Of the better variant; null without PyTorch, as the ratio to it. */
  readonly peerMsPerStep: number | null;
  readonly ratioToPeer: number | null;
  /** To forward and backward in two processes at once. */
  readonly ratioToEngine: number;
  /** To the sum of {@link partsMs}; null but on the network link. */
  readonly ratioToParts: number | null;
  readonly toFirstStepSeconds: number;
  readonly workerMemoryMb: number | null;
  readonly coordinatorMemoryMb: number | null;
}

/** What was measured in turn, close to each other. */
export interface Repeat {
  readonly loop: StepLoopTimes;
  readonly toFirstStepSeconds: number;
  readonly peer: PeerTimes | null;
  readonly bareMs: readonly number[];
  readonly limits: Limits;
}

/** What a row is about. */
export interface RowOf extends Way {
  readonly workload: string;
  readonly parameters: number;
}

/** The variant of the peer that is the faster one over all repeats; null without a peer. */
export function betterVariant(peers: readonly (PeerTimes | null)[]): keyof PeerTimes['variants'] | null {
  const measured = peers.filter((peer) => peer !== null);
  if (measured.length === 0) return null;
  const msOf = (name: keyof PeerTimes['variants']): number =>
    median(measured.map(({ variants }) => median(variants[name])));
  return msOf('tuned') < msOf('default') ? 'tuned' : 'default';
}

/** Milliseconds of a step over the network whose parts come one after another, each at the speed that it has alone. */
export function partsMs({ parameters, wire }: RowOf, { loop, bareMs, limits }: Repeat): number {
  const gradientBytes = WORKERS * parameters * WIRE_BYTES[wire];
  const broadcastBytes = parameters * 4;
  const transport = gradientBytes / limits.grpcToServer + broadcastBytes / limits.natsFanOut;
  return median(bareMs) + transport * 1000 + kernelMs(loop);
}

/** Milliseconds of the sum over lanes and the update. */
export function kernelMs({ phasesMs }: StepLoopTimes): number {
  return (phasesMs.reduce ?? 0) + (phasesMs.update ?? 0);
}

/** Sums up all repeats. */
export function toRow(of: RowOf, repeats: readonly Repeat[]): BenchRow {
  const variant = betterVariant(repeats.map(({ peer }) => peer));
  const ours = ({ loop }: Repeat): number => median(loop.stepsMs);
  const theirs = ({ peer }: Repeat): number => median((variant && peer?.variants[variant]) ?? []);
  const medianOf = (value: (repeat: Repeat) => number): number => median(repeats.map(value));
  return {
    ...{ workload: of.workload, link: of.link, wire: of.wire },
    msPerStep: medianOf(ours),
    peerMsPerStep: known(medianOf(theirs)),
    ratioToPeer: known(medianOf((repeat) => ours(repeat) / theirs(repeat))),
    ratioToEngine: medianOf((repeat) => ours(repeat) / median(repeat.bareMs)),
    ratioToParts: of.link === 'network' ? medianOf((repeat) => ours(repeat) / partsMs(of, repeat)) : null,
    toFirstStepSeconds: medianOf(({ toFirstStepSeconds }) => toFirstStepSeconds),
    workerMemoryMb: known(medianOf(({ loop }) => loop.workerMemoryMb ?? Number.NaN)),
    coordinatorMemoryMb: known(medianOf(({ loop }) => loop.coordinatorMemoryMb ?? Number.NaN)),
  };
}

/** What is not there is null, as JSON has no NaN. */
function known(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
