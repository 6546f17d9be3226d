/** All that a coordinator knows of a job, from its record and its events up to now. */
import type { Job__Output, JobEvent__Output, LockstepClient, StepStalled__Output } from '@lockstep/client';
import { parseJobSpec, type ResolvedJobSpec } from '@lockstep/spec';
import { forgottenText, type JobJson, jobJson } from './job-json.js';
import { courseOf, type TrainingCourse } from './outcome.js';
import { stateWord } from './render/progress.js';

/** When something happened, and after how many steps. */
interface Moment {
  readonly unixSeconds: number;
  readonly step: number;
}

/** A state that the job was in from a moment on. */
export interface StateEntry extends Moment {
  readonly state: string;
  readonly reason: string;
}

/** Something that happened to a worker of the job. */
export interface WorkerEntry extends Moment {
  readonly worker: string;
  readonly change: string;
  readonly reason: string;
}

/** A step that took longer than its deadline, and who held it up. */
export interface StallEntry extends Moment {
  /** Null where it was the coordinator. */
  readonly worker: string | null;
  readonly lanes: readonly number[];
  readonly phase: string;
  readonly waitedSeconds: number;
  readonly deadlineSeconds: number;
  readonly reason: string;
}

/** What the processes of a job that runs are at now; seconds are means over the newest steps, by phase. */
export interface ActivityJson {
  readonly steps: number;
  readonly coordinator: Readonly<Record<string, number>>;
  readonly workers: readonly {
    readonly worker: string;
    readonly lanes: readonly number[];
    readonly steps: number;
    readonly phaseSeconds: Readonly<Record<string, number>>;
    readonly phase: string;
    readonly phaseAgeSeconds: number;
  }[];
  /** The step that takes too long now; null where none does. */
  readonly stall: Omit<StallEntry, keyof Moment> | null;
}

/** A warning. */
export interface WarningEntry extends Moment {
  readonly code: string;
  readonly message: string;
}

/** What a job ended with, in the names of `train --json`. */
export interface ResultJson extends TrainingCourse {
  readonly parametersSha256: string;
  readonly lanes: number;
  readonly numericClass: string;
  readonly reproducible: boolean;
  readonly link: string;
  readonly metrics: { readonly test: Readonly<Record<string, number>> };
  readonly exportDifference: number;
  readonly modelBytes: number;
  readonly modelSha256: string;
}

/** A job as `describe --json` prints it. */
export interface JobDescription extends JobJson {
  /** Resolved; null where this version cannot read it. */
  readonly spec: ResolvedJobSpec | null;
  readonly history: readonly StateEntry[];
  readonly workers: readonly WorkerEntry[];
  readonly warnings: readonly WarningEntry[];
  /** Steps that took longer than their deadline. */
  readonly stalls: readonly StallEntry[];
  /** Null unless the job runs. */
  readonly activity: ActivityJson | null;
  /** Null unless the job failed. */
  readonly error: {
    readonly code: string;
    readonly field: string;
    readonly value: string;
    readonly message: string;
    readonly fix: string;
  } | null;
  readonly result: ResultJson | null;
  /** Says that the first events are gone; null where none is. */
  readonly forgotten: string | null;
}

/** Asks a coordinator about a job; one that runs is not followed. @throws LockstepError JOB_NOT_FOUND */
export async function jobDescription(client: LockstepClient, jobId: string): Promise<JobDescription> {
  const events: JobEvent__Output[] = [];
  for await (const event of client.history(jobId)) events.push(event);
  // After the events, so that the state is not older than they are.
  const job = await client.get(jobId);
  return {
    ...jobJson(job),
    spec: parseJobSpec(job.resolvedSpec).spec ?? null,
    history: events.flatMap(stateEntry),
    workers: events.flatMap(workerEntry),
    warnings: events.flatMap(warningEntry),
    stalls: events.flatMap(stallEntry),
    activity: activityOf(job),
    error: errorOf(job),
    result: resultOf(job),
    forgotten: forgottenText(job, events[0]?.unixSeconds),
  };
}

function stateEntry({ unixSeconds, step, stateChanged }: JobEvent__Output): StateEntry[] {
  if (!stateChanged) return [];
  return [{ unixSeconds, step, state: stateWord(stateChanged.state), reason: stateChanged.reason }];
}

function workerEntry({ unixSeconds, step, workerChanged }: JobEvent__Output): WorkerEntry[] {
  if (!workerChanged) return [];
  const { workerId: worker, change, reason } = workerChanged;
  return [{ unixSeconds, step, worker, change, reason }];
}

function warningEntry({ unixSeconds, step, note }: JobEvent__Output): WarningEntry[] {
  if (note?.level !== 'NOTE_LEVEL_WARNING') return [];
  return [{ unixSeconds, step, code: note.code, message: note.message }];
}

function stallEntry({ unixSeconds, step, stepStalled }: JobEvent__Output): StallEntry[] {
  return stepStalled ? [{ unixSeconds, step, ...stallOf(stepStalled) }] : [];
}

function stallOf({ workerId, lanes, phase, reason, ...times }: StepStalled__Output): Omit<StallEntry, keyof Moment> {
  const { waitedSeconds, deadlineSeconds } = times;
  return { worker: workerId || null, lanes, phase, waitedSeconds, deadlineSeconds, reason };
}

function activityOf({ activity }: Job__Output): ActivityJson | null {
  if (!activity) return null;
  const { steps, phaseSeconds: coordinator, workers, stall } = activity;
  return {
    ...{ steps, coordinator },
    workers: workers.map(({ workerId: worker, ...rest }) => ({ worker, ...rest })),
    stall: stall && stallOf(stall),
  };
}

function errorOf({ failure }: Job__Output): JobDescription['error'] {
  if (!failure) return null;
  const { code, field, value, message, fix } = failure;
  return { code, field, value, message, fix };
}

function resultOf({ result }: Job__Output): ResultJson | null {
  if (!result) return null;
  const { parametersSha256, lanes, numericClass, reproducible, link, testMetrics } = result;
  const { exportDifference, modelBytes, modelSha256 } = result;
  return {
    ...{ parametersSha256, lanes, numericClass, reproducible, link, metrics: { test: testMetrics } },
    ...courseOf(result.metricsJson),
    ...{ exportDifference, modelBytes, modelSha256 },
  };
}
