/** Jobs as `--json` prints them, and what the verbs that look at jobs say about time and state. */
import type { Job__Output } from '@lockstep/client';
import { stateWord } from './render/progress.js';

type JobProgress = NonNullable<Job__Output['progress']>;

/** How far a job is. */
export interface ProgressJson {
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  readonly totalEpochs: number;
  readonly trainLoss: number;
  readonly samplesPerSecond: number;
  readonly remainingSeconds: number;
  readonly workers: number;
  /** Of all steps, 0 to 100. */
  readonly percent: number;
}

/** A job in a list. */
export interface JobJson {
  readonly job: string;
  readonly name: string;
  readonly namespace: string;
  readonly state: string;
  readonly reason: string;
  readonly priority: number;
  readonly progress: ProgressJson | null;
  readonly createdUnixSeconds: number;
  readonly updatedUnixSeconds: number;
  readonly ageSeconds: number;
  /** Null unless the job succeeded. */
  readonly parametersSha256: string | null;
}

/** The object of a job. */
export function jobJson(job: Job__Output): JobJson {
  const { id, name, namespace, state, reason, createdUnixSeconds, updatedUnixSeconds } = job;
  return {
    ...{ job: id, name, namespace, state: stateWord(state), reason, priority: job.priority },
    progress: job.progress ? progressJson(job.progress) : null,
    ...{ createdUnixSeconds, updatedUnixSeconds, ageSeconds: ageSeconds(job) },
    parametersSha256: job.result?.parametersSha256 ?? null,
  };
}

function progressJson(progress: JobProgress): ProgressJson {
  const { step, totalSteps, epoch, totalEpochs, trainLoss, samplesPerSecond, remainingSeconds, workers } = progress;
  return {
    ...{ step, totalSteps, epoch, totalEpochs, trainLoss, samplesPerSecond, remainingSeconds, workers },
    percent: percentOf(progress),
  };
}

/** Share of a job's steps that are committed, in percent with one digit; 100 only once all are. */
export function percentOf({ step, totalSteps }: Pick<JobProgress, 'step' | 'totalSteps'>): number {
  return totalSteps === 0 ? 0 : Math.floor((1000 * step) / totalSteps) / 10;
}

/** Seconds since a job was submitted; never negative where two clocks differ. */
export function ageSeconds({ createdUnixSeconds }: Job__Output): number {
  return Math.max(0, Number((Date.now() / 1000 - createdUnixSeconds).toFixed(3)));
}

/** A time as it stands in logs: UTC, to the millisecond. */
export function timeText(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}

/** Seconds between a job's submission and the first event that is kept, above which events are missing. */
const FORGOTTEN_SECONDS = 1;

/** Says that a job's first events are gone, as they are once its coordinator was started again; null where none is. */
export function forgottenText(job: Job__Output, firstUnixSeconds: number | undefined): string | null {
  if (firstUnixSeconds === undefined || firstUnixSeconds - job.createdUnixSeconds < FORGOTTEN_SECONDS) return null;
  return `events before ${timeText(firstUnixSeconds)} are gone: the coordinator was started again`;
}
