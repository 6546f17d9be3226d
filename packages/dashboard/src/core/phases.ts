/** Where the time of steps goes, by process. */
import type { JobActivity, ProcessTime } from './wire.js';

/** A process and its phases. */
export interface PhaseRow {
  readonly process: string;
  /** Steps that the times are of. */
  readonly steps: number;
  /** Seconds of a phase in a step, in the order in which they run. */
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
  /** Of a step, over all phases. */
  readonly seconds: number;
}

/** Phases in the order of a step; others follow by name. */
const ORDER = ['command', 'parameters', 'rows', 'compute', 'send', 'reduce', 'update', 'broadcast', 'evaluate'];

/** What processes do now: the coordinator first. */
export function rowsOfActivity(activity: JobActivity): readonly PhaseRow[] {
  const { steps, phaseSeconds, workers } = activity;
  const coordinator = row('coordinator', steps, phaseSeconds, 1);
  return [coordinator, ...workers.map((worker) => row(worker.workerId, worker.steps, worker.phaseSeconds, 1))].filter(
    ({ phases }) => phases.length > 0,
  );
}

/** What processes did over the whole of a job. */
export function rowsOfTimes(times: readonly ProcessTime[]): readonly PhaseRow[] {
  return times.map(({ process, steps, phaseSeconds }) => row(process, steps, phaseSeconds, Math.max(1, steps)));
}

/** Names of all phases of the rows, in their order. */
export function phaseNames(rows: readonly PhaseRow[]): readonly string[] {
  return [...new Set(rows.flatMap(({ phases }) => phases.map(({ name }) => name)))].sort(byOrder);
}

function row(process: string, steps: number, sums: Readonly<Record<string, number>>, divisor: number): PhaseRow {
  const phases = Object.entries(sums)
    .map(([name, seconds]) => ({ name, seconds: seconds / divisor }))
    .sort((left, right) => byOrder(left.name, right.name));
  return { process, steps, phases, seconds: phases.reduce((sum, { seconds }) => sum + seconds, 0) };
}

function byOrder(left: string, right: string): number {
  const [first, second] = [left, right].map((name) => (ORDER.indexOf(name) + ORDER.length + 1) % (ORDER.length + 1));
  return (first ?? 0) - (second ?? 0) || left.localeCompare(right);
}
