/** Who holds up a step that takes longer than its deadline, and how that is told. Pure. */
import { isSame, type LaneState, missingLanes, outstanding, type WorkerKey } from './lane-state.js';

/** Lanes of a worker that a step waits for longer than allowed. */
export interface LateLanes {
  readonly worker: WorkerKey;
  /** Those that nobody has delivered. */
  readonly lanes: readonly number[];
  readonly waitedMs: number;
  readonly deadlineMs: number;
}

/**
 * Workers that a step waits for beyond the deadline, the one that owes lanes longest first.
 * @param waitedFor milliseconds since a time
 */
export function lateWorkers(state: LaneState, waitedFor: (sinceMs: number) => number): readonly LateLanes[] {
  const { stallMs, freshStallMs, fresh } = state.patience;
  return outstanding(state)
    .map((assignment) => ({
      worker: assignment.worker,
      lanes: missingLanes(state, assignment),
      waitedMs: waitedFor(assignment.sinceMs),
      deadlineMs: fresh.some((worker) => isSame(worker, assignment.worker)) ? freshStallMs : stallMs,
    }))
    .filter(({ lanes, waitedMs, deadlineMs }) => lanes.length > 0 && waitedMs >= deadlineMs)
    .sort((left, right) => right.waitedMs - left.waitedMs);
}

/** A step that stands still, in numbers. */
export interface Stall {
  readonly step: number;
  /** Null where it is the coordinator that the step waits for. */
  readonly worker: string | null;
  readonly lanes: readonly number[];
  readonly phase: string;
  readonly waitedMs: number;
  readonly deadlineMs: number;
}

/** When a worker that goes on like this is given up. */
export interface LastLimits {
  readonly hangMs: number;
  readonly silentMs: number;
}

/** A stall in one sentence. */
export function stallText({ step, worker, lanes, phase, ...times }: Stall, { hangMs, silentMs }: LastLimits): string {
  const { waitedMs, deadlineMs } = times;
  const head = `step ${step} takes longer than ${seconds(deadlineMs)}`;
  const waited = seconds(waitedMs);
  if (worker === null) return `${head}: the coordinator is at "${phase}" for ${waited}, and its workers wait`;
  const owed = `${worker} owes ${lanes.length === 1 ? 'lane' : 'lanes'} ${lanes.join(', ')} for ${waited}`;
  if (phase === 'silent') {
    return `${head}: ${owed} and is silent; it is lost once nothing was heard of it for ${seconds(silentMs)}`;
  }
  const at = phase === 'unknown' ? 'and does not say what it is at' : `and is at "${phase}"`;
  return `${head}: ${owed} ${at}; it is ended after ${seconds(hangMs)}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
