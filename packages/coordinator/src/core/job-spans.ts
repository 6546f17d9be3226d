/** The spans of a job, out of its events: the job, each phase in it, each epoch in its running. */
import { stateWordOf } from './state-word.js';

/** What spans are made of; a JobEvent of jobs.proto, whose numbers may come in any of its forms. */
export interface SpanEvent {
  readonly unixSeconds?: unknown;
  readonly step?: unknown;
  readonly stateChanged?: { readonly state?: unknown; readonly reason?: unknown } | null;
  readonly stepsCommitted?: object | null;
  readonly epochEnded?: {
    readonly epoch?: unknown;
    readonly trainLoss?: unknown;
    readonly learningRate?: unknown;
    readonly metrics?: Readonly<Record<string, unknown>>;
  } | null;
  readonly workerChanged?: { readonly workerId?: unknown; readonly change?: unknown; readonly reason?: unknown } | null;
  readonly note?: { readonly code?: unknown; readonly message?: unknown } | null;
  readonly rewound?: { readonly toStep?: unknown } | null;
  readonly stepStalled?: { readonly workerId?: unknown; readonly phase?: unknown; readonly reason?: unknown } | null;
}

/** Attributes of a span. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** Spans that a job may have open at once, the outer ones first. */
export const SPAN_LEVELS = ['job', 'phase', 'epoch'] as const;

/** One of them. */
export type SpanLevel = (typeof SPAN_LEVELS)[number];

/** What to do with spans; times are in Unix seconds. */
export type SpanAction =
  | {
      readonly type: 'start';
      readonly level: SpanLevel;
      readonly name: string;
      readonly at: number;
      readonly attributes: SpanAttributes;
    }
  | {
      readonly type: 'event';
      readonly level: SpanLevel;
      readonly name: string;
      readonly at: number;
      readonly attributes: SpanAttributes;
    }
  | {
      readonly type: 'end';
      readonly level: SpanLevel;
      readonly at: number;
      readonly attributes: SpanAttributes;
      /** Why it failed; null where it did not. */
      readonly error: string | null;
    }
  /** Forgets one that nothing happened in. */
  | { readonly type: 'drop'; readonly level: SpanLevel };

/** What is open. */
export interface JobSpans {
  /** The state whose phase is open; '' before the first. */
  readonly phase: string;
  readonly isEpochOpen: boolean;
  /** Whether steps were committed in the open epoch. */
  readonly hasSteps: boolean;
}

/** Before the first event. */
export const NO_SPANS: JobSpans = { phase: '', isEpochOpen: false, hasSteps: false };

/** The spans after an event. */
export interface JobSpansStep {
  readonly spans: JobSpans;
  readonly actions: readonly SpanAction[];
}

/** States that a job does not leave. */
const ENDS: ReadonlySet<string> = new Set(['succeeded', 'failed', 'cancelled']);

/** Takes an event of a job, in order. */
export function nextSpans(spans: JobSpans, event: SpanEvent): JobSpansStep {
  const at = Number(event.unixSeconds);
  const step = Number(event.step);
  if (event.stateChanged) return changeState(spans, event.stateChanged, at, step);
  if (event.stepsCommitted) return { spans: { ...spans, hasSteps: true }, actions: [] };
  if (event.epochEnded) return endEpoch(spans, event.epochEnded, at, step);
  const told = (level: SpanLevel, name: string, attributes: SpanAttributes): JobSpansStep => ({
    spans,
    actions: [{ type: 'event', level, name, at, attributes: { 'lockstep.step': step, ...attributes } }],
  });
  if (event.workerChanged) {
    const { workerId, change, reason } = event.workerChanged;
    return told('job', `worker ${change}`, { 'lockstep.worker.id': `${workerId}`, reason: `${reason}` });
  }
  if (event.note) return told('phase', `${event.note.code}`, { message: `${event.note.message}` });
  if (event.rewound) return told('phase', 'rewound', { 'lockstep.to_step': Number(event.rewound.toStep) });
  if (event.stepStalled) {
    const { workerId, phase, reason } = event.stepStalled;
    return told('phase', 'step stalled', {
      'lockstep.worker.id': `${workerId}`,
      phase: `${phase}`,
      reason: `${reason}`,
    });
  }
  return { spans, actions: [] };
}

/** Ends all that is open, of a job that goes on elsewhere or later. */
export function leaveSpans(spans: JobSpans, at: number): readonly SpanAction[] {
  const attributes = { 'lockstep.unfinished': true };
  return [
    ...closeEpoch(spans, at),
    ...(spans.phase ? [{ type: 'end', level: 'phase', at, attributes, error: null } as const] : []),
    { type: 'end', level: 'job', at, attributes, error: null },
  ];
}

function changeState(
  spans: JobSpans,
  { state, reason }: NonNullable<SpanEvent['stateChanged']>,
  at: number,
  step: number,
): JobSpansStep {
  const phase = stateWordOf(`${state}`);
  const words = { reason: `${reason}` };
  if (phase === spans.phase) {
    return { spans, actions: [{ type: 'event', level: 'phase', name: phase, at, attributes: words }] };
  }
  const error = phase === 'failed' ? `${reason}` : null;
  const isEnd = ENDS.has(phase);
  const isRunning = phase === 'running';
  const actions: SpanAction[] = [
    ...closeEpoch(spans, at),
    ...(spans.phase ? [{ type: 'end', level: 'phase', at, attributes: {}, error } as const] : []),
  ];
  if (isEnd) {
    const attributes = { 'lockstep.state': phase, 'lockstep.step': step, ...words };
    actions.push({ type: 'end', level: 'job', at, attributes, error });
  } else actions.push({ type: 'start', level: 'phase', name: phase, at, attributes: words });
  if (isRunning) actions.push(openEpoch(at));
  return { spans: { phase: isEnd ? '' : phase, isEpochOpen: isRunning, hasSteps: false }, actions };
}

function endEpoch(
  spans: JobSpans,
  { epoch, trainLoss, learningRate, metrics }: NonNullable<SpanEvent['epochEnded']>,
  at: number,
  step: number,
): JobSpansStep {
  if (!spans.isEpochOpen) return { spans, actions: [] };
  const attributes = {
    ...{ 'lockstep.epoch': Number(epoch), 'lockstep.step': step },
    ...{ 'lockstep.train_loss': Number(trainLoss), 'lockstep.learning_rate': Number(learningRate) },
    ...Object.fromEntries(
      Object.entries(metrics ?? {}).map(([name, value]) => [`lockstep.metric.${name}`, Number(value)]),
    ),
  };
  return {
    spans: { ...spans, hasSteps: false },
    actions: [{ type: 'end', level: 'epoch', at, attributes, error: null }, openEpoch(at)],
  };
}

function openEpoch(at: number): SpanAction {
  return { type: 'start', level: 'epoch', name: 'epoch', at, attributes: {} };
}

/** After the last epoch one is open that never was. */
function closeEpoch({ isEpochOpen, hasSteps }: JobSpans, at: number): readonly SpanAction[] {
  if (!isEpochOpen) return [];
  if (!hasSteps) return [{ type: 'drop', level: 'epoch' }];
  return [{ type: 'end', level: 'epoch', at, attributes: { 'lockstep.unfinished': true }, error: null }];
}
