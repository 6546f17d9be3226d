/** Times of steps, cut out of what a coordinator's process recorded. */
import { median } from './statistics.ts';

/** What was recorded of every step of a job, in order. */
export interface StepRecords {
  /** Milliseconds at which each step was committed. */
  readonly committedMs: readonly number[];
  /** Rows of each step. */
  readonly rows: readonly number[];
  /** Milliseconds of each phase of each step, by phase. */
  readonly phasesMs: Readonly<Record<string, readonly number[]>>;
}

/** What the measured steps took. */
export interface StepTimes {
  /** From commit to commit, one for each measured step. */
  readonly stepsMs: readonly number[];
  readonly samplesPerSecond: number;
  /** Median of each of the coordinator's phases, and of what is left of a step. */
  readonly phasesMs: Readonly<Record<string, number>>;
}

/** Phases that lie one behind another and together fill a step, but for `other`. `command` is a part of `compute`. */
const CONSECUTIVE = ['compute', 'reduce', 'update', 'broadcast'];

/** The times of `steps` steps after the first `warmUp`. @throws Error when the job had fewer */
export function cutSteps({ committedMs, rows, phasesMs }: StepRecords, warmUp: number, steps: number): StepTimes {
  const end = warmUp + steps;
  if (warmUp < 1 || committedMs.length < end) throw new Error(`${committedMs.length} steps ran, ${end} are needed`);
  const stepsMs = committedMs.slice(warmUp, end).map((ms, index) => ms - (committedMs[warmUp + index - 1] ?? 0));
  const seconds = ((committedMs[end - 1] ?? 0) - (committedMs[warmUp - 1] ?? 0)) / 1000;
  const measured = Object.entries(phasesMs).map(([phase, all]) => [phase, all.slice(warmUp, end)] as const);
  const known = new Map(measured);
  const other = stepsMs.map((ms, index) =>
    CONSECUTIVE.reduce((left, phase) => left - (known.get(phase)?.[index] ?? 0), ms),
  );
  return {
    stepsMs,
    samplesPerSecond: rows.slice(warmUp, end).reduce((sum, count) => sum + count, 0) / seconds,
    phasesMs: {
      ...Object.fromEntries(measured.map(([phase, values]) => [phase, median(values)])),
      other: median(other),
    },
  };
}
