/** Which faults strike a run, and when: a function of a seed. */
import { RandomStream } from '@lockstep/protocol/core';

/** Every kind of fault, in the order of a report. */
export const FAULT_KINDS = [
  'worker-kill',
  'worker-pause',
  'worker-drain',
  'worker-add',
  'nats-restart',
  'coordinator-kill',
] as const;

/** A kind of fault. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** One fault. */
export interface Fault {
  readonly kind: FaultKind;
  /** Share of the job's steps after which it strikes, above 0 and below 1; they ascend. */
  readonly at: number;
  /** Which of the workers it strikes, as a share of their number. */
  readonly target: number;
  /** Seconds of a pause. */
  readonly pauseSeconds: number;
}

/** Purpose of these numbers in their key; jobs use others. */
const PURPOSE = 200;
/** Pauses on both sides of the silence after which a worker counts as lost. */
const MIN_PAUSE_SECONDS = 0.3;
const MAX_PAUSE_SECONDS = 5;

/** Share of the steps before which every fault is due: what is left leaves time for the last one. */
const LAST = 0.85;

/** Faults of a run: every kind comes up once before any comes up again. */
export function planFaults(count: number, seed: number): Fault[] {
  return Array.from({ length: count }, (_, index) => {
    const random = new RandomStream(seed, PURPOSE, index);
    const round = Math.floor(index / FAULT_KINDS.length);
    return {
      kind: shuffledKinds(seed, round)[index % FAULT_KINDS.length]!,
      at: (LAST * (index + random.uniform(0))) / count,
      target: random.uniform(1),
      pauseSeconds: MIN_PAUSE_SECONDS + random.uniform(2) * (MAX_PAUSE_SECONDS - MIN_PAUSE_SECONDS),
    };
  });
}

function shuffledKinds(seed: number, round: number): FaultKind[] {
  const random = new RandomStream(seed, PURPOSE + 1, round);
  const keyed = FAULT_KINDS.map((kind, index) => ({ kind, key: random.uint32(index) }));
  return keyed.sort((left, right) => left.key - right.key).map(({ kind }) => kind);
}
