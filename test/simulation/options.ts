/** What one run is like, drawn from its seed: which faults are on, how many and how bad. */
import { oracleOf } from './oracle.ts';
import { WORKLOADS } from './workload.ts';
import { Draws } from './world/draws.ts';

/** Options of one run. */
export interface Options {
  readonly workload: number;
  /** Workers beside those that the job asks for. */
  readonly spares: number;
  readonly computeMs: number;
  readonly latencyMs: number;
  readonly slowShare: number;
  readonly diskMs: number;
  readonly chunkBytes: number;
  readonly chunkLoss: number;
  readonly chunkDuplication: number;
  readonly chunkCorruption: number;
  readonly diskErrors: number;
  readonly workerCrashes: number;
  readonly coordinatorCrashes: number;
  readonly powerCutShare: number;
  /** Share of coordinator crashes after which the newest checkpoint is damaged. */
  readonly damageShare: number;
  readonly workerPauses: number;
  readonly coordinatorPauses: number;
  readonly partitions: number;
  readonly stragglers: number;
  readonly brokerStops: number;
  /** Times that a worker's answers vanish while its heartbeats pass. */
  readonly mutes: number;
  /** Row that no engine can compute, null where all can be. */
  readonly poison: number | null;
  /** Whether that row ends the worker instead. */
  readonly isPoisonDeadly: boolean;
  readonly cancel: boolean;
  /** Whether a worker that computes other bits joins once the job's class is settled. */
  readonly hasStranger: boolean;
  /** Whether it is cancelled as it is about to succeed. */
  readonly isCancelLate: boolean;
  /** Share of engine runs that take several times as long, so that late answers come in all orders. */
  readonly hiccupShare: number;
  /** Milliseconds in which faults happen. */
  readonly safetyMs: number;
}

/** The options of a seed. @param isEncoded whether its workload is one with lanes that are encoded */
export function optionsOf(seed: number, isEncoded = false): Options {
  const draws = new Draws(seed, 'options');
  const some = (probability: number, most: number): number => (draws.chance(probability) ? draws.whole(1, most) : 0);
  const share = (probability: number, most: number): number => (draws.chance(probability) ? draws.between(0, most) : 0);
  const workload = draws.whole(0, WORKLOADS - 1) + (isEncoded ? WORKLOADS : 0);
  const computeMs = draws.between(5, 120);
  const latencyMs = draws.between(0.5, 15);
  return {
    ...{ workload, computeMs, latencyMs },
    spares: draws.whole(0, 1),
    slowShare: share(0.5, 0.1),
    diskMs: draws.between(0.2, 8),
    chunkBytes: draws.pick([32, 64, 128]),
    chunkLoss: share(0.5, 0.3),
    chunkDuplication: share(0.4, 0.5),
    chunkCorruption: share(0.4, 0.2),
    diskErrors: share(0.3, 0.2),
    workerCrashes: some(0.6, 5),
    coordinatorCrashes: some(0.65, 3),
    powerCutShare: draws.pick([0, 0.5, 1]),
    damageShare: draws.pick([0, 1, 1]),
    workerPauses: some(0.4, 3),
    coordinatorPauses: some(0.25, 2),
    partitions: some(0.4, 3),
    stragglers: some(0.3, 2),
    brokerStops: some(0.2, 1),
    mutes: some(0.2, 2),
    poison: draws.chance(0.04) ? draws.whole(0, 20) : null,
    cancel: draws.chance(0.1),
    // About as long as the job takes, so that faults meet it at work.
    safetyMs: 800 + draws.between(0.6, 4) * durationMs(workload, computeMs, latencyMs),
    isPoisonDeadly: draws.chance(0.5),
    hiccupShare: share(0.25, 0.3),
    isCancelLate: draws.chance(0.6),
    hasStranger: draws.chance(0.1),
  };
}

/** How long a job takes without faults, roughly. */
function durationMs(index: number, computeMs: number, latencyMs: number): number {
  const { totalSteps, workload } = oracleOf(index);
  const { train, run } = workload.spec;
  return totalSteps * ((train.lanes / run.workers) * computeMs + 6 * latencyMs + 20);
}
