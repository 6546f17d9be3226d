/** The object that `--json` prints last, and what the end summary is made from. */
import type { Job__Output } from '@lockstep/client';

/** How training went, as metrics.json keeps it. */
export interface TrainingCourse {
  /** Epochs that were run. */
  readonly epochs: number;
  /** Steps whose update was left out because a loss or gradient was not finite. */
  readonly skippedSteps: number;
  /** Null where the spec has no train.earlyStopping. */
  readonly earlyStopping: {
    readonly monitor: string;
    /** Null where all epochs were run. */
    readonly stoppedEpoch: number | null;
    readonly bestEpoch: number;
    readonly best: number | null;
    /** Whether the parameters are those of the best epoch. */
    readonly restored: boolean;
    /** Why it stopped, in words; null where it did not. */
    readonly reason: string | null;
  } | null;
}

/** What took the most of the time of the steps of a traced run, each with its share of it. */
export interface TraceOutcome {
  readonly steps: number;
  readonly seconds: number;
  readonly slowestPhase: { readonly phase: string; readonly share: number } | null;
  readonly slowestWorker: { readonly worker: string; readonly share: number } | null;
  /** Spans that were too many for the file. */
  readonly droppedSpans: number;
}

/** The trace's summary in a metrics.json; null where the run was not traced. */
export function traceOf(metricsJson: string): TraceOutcome | null {
  return (JSON.parse(metricsJson || '{}') as { trace?: TraceOutcome }).trace ?? null;
}

/** The course in a metrics.json. */
export function courseOf(metricsJson: string): TrainingCourse {
  // A job of an earlier coordinator may have no such parts.
  const {
    epochs = 0,
    skippedSteps = 0,
    earlyStopping = null,
  } = JSON.parse(metricsJson || '{}') as Partial<TrainingCourse>;
  return { epochs, skippedSteps, earlyStopping };
}

/** Bad rows that a run left out, by kind. */
export interface RejectsOutcome {
  readonly count: number;
  readonly byKind: Readonly<Record<string, number>>;
}

/** The rows left out by a metrics.json; null where a bad row would have been refused. */
export function rejectsOf(metricsJson: string): RejectsOutcome | null {
  return (JSON.parse(metricsJson || '{}') as { rejects?: RejectsOutcome }).rejects ?? null;
}

/** Outcome of a job that succeeded. */
export interface JobOutcome extends TrainingCourse {
  readonly state: 'succeeded';
  readonly job: string;
  readonly parametersSha256: string;
  readonly lanes: number;
  readonly numericClass: string;
  readonly reproducible: boolean;
  /** Links over which workers trained: "host", "network", or both. */
  readonly link: string;
  readonly metrics: { readonly test: Readonly<Record<string, number>> };
  /** Absolute path of model.onnx. */
  readonly model: string;
  /** Null where the run was not traced. */
  readonly trace: TraceOutcome | null;
  /** Null where a bad row would have been refused. */
  readonly rejects: RejectsOutcome | null;
  /** Largest difference between training's own scores and model.onnx's. */
  readonly exportDifference: number;
  readonly seconds: {
    /** From the start of this process. */
    readonly total: number;
    /** To the first committed step. */
    readonly toFirstStep: number;
  };
}

const processStartUnixSeconds = Date.now() / 1000 - process.uptime();

/** Seconds since this process started. */
export function secondsSinceStart(unixSeconds = Date.now() / 1000): number {
  return Math.max(0, Number((unixSeconds - processStartUnixSeconds).toFixed(3)));
}

/** The outcome of a succeeded job whose model lies at `model`. */
export function succeededOutcome(job: Job__Output, model: string): JobOutcome {
  const result = job.result;
  if (!result) throw new Error(`job ${job.id} succeeded without a result`);
  return {
    state: 'succeeded',
    job: job.id,
    parametersSha256: result.parametersSha256,
    lanes: result.lanes,
    numericClass: result.numericClass,
    reproducible: result.reproducible,
    link: result.link,
    metrics: { test: result.testMetrics },
    ...courseOf(result.metricsJson),
    model,
    trace: traceOf(result.metricsJson),
    rejects: rejectsOf(result.metricsJson),
    exportDifference: result.exportDifference,
    seconds: { total: secondsSinceStart(), toFirstStep: secondsSinceStart(result.firstStepUnixSeconds) },
  };
}
