/** What the page of a job knows, from what the coordinator sends. */
import { type EventLine, eventLine } from './event-words.js';
import { hasEnded } from './format.js';
import { type JobCurves, NO_CURVES, withEvents } from './job-curves.js';
import { type JobPace, NO_PACE, withEvent, withHistory, withSnapshot } from './job-pace.js';
import type { Job, JobActivity, JobEvent } from './wire.js';

/** A message of the stream of a job, or the answer to a request, which may be older than what the stream has told since. */
export type JobMessage =
  | { readonly kind: 'job'; readonly job: Job }
  | { readonly kind: 'answer'; readonly job: Job }
  | { readonly kind: 'event'; readonly event: JobEvent }
  | { readonly kind: 'activity'; readonly activity: JobActivity }
  | { readonly kind: 'end' };

/** State of the page. */
export interface JobView {
  /** Null until the first answer. */
  readonly job: Job | null;
  /** The newest ones, in order. */
  readonly lines: readonly EventLine[];
  /** Lines that are kept no more. */
  readonly forgotten: number;
  /** Of the newest event; 0 before the first. */
  readonly lastSequence: number;
  /** Its progress is the job's. */
  readonly pace: JobPace;
  readonly curves: JobCurves;
  /** The newest one; null of a job that has ended. */
  readonly activity: JobActivity | null;
  /** Everything was sent. */
  readonly isComplete: boolean;
}

/** Before the first message. */
export const EMPTY_VIEW: JobView = {
  job: null,
  lines: [],
  forgotten: 0,
  lastSequence: 0,
  pace: NO_PACE,
  curves: NO_CURVES,
  activity: null,
  isComplete: false,
};

/** Events that the list has. */
export const MAX_LINES = 2000;

/** The view after messages; events that came before are left out, so that a stream may begin again anywhere. */
export function following(before: JobView, messages: readonly JobMessage[]): JobView {
  let view = before;
  const events: JobEvent[] = [];
  for (const message of messages) {
    if (message.kind === 'event') {
      if (message.event.sequence <= view.lastSequence) continue;
      events.push(message.event);
    }
    view = heard(view, message);
  }
  if (view.job) view = { ...view, job: { ...view.job, progress: view.pace.shown } };
  if (view.job && hasEnded(view.job.state)) view = { ...view, activity: null };
  return events.length > 0 ? { ...view, ...withLines(view, events), curves: withEvents(view.curves, events) } : view;
}

function heard(view: JobView, message: JobMessage): JobView {
  const { pace } = view;
  switch (message.kind) {
    case 'event':
      return { ...view, lastSequence: message.event.sequence, pace: withEvent(pace, message.event) };
    case 'job':
      return { ...view, job: merged(view.job, message), pace: withSnapshot(pace, message.job.progress) };
    case 'answer':
      return { ...view, job: merged(view.job, message) };
    // What processes do now, and the end, are told behind all events that there are.
    case 'activity':
      return { ...view, activity: message.activity, pace: withHistory(pace) };
    case 'end':
      return { ...view, isComplete: true, pace: withHistory(pace) };
  }
}

function withLines(view: JobView, events: readonly JobEvent[]): Pick<JobView, 'lines' | 'forgotten'> {
  const added = events.flatMap((event) => eventLine(event) ?? []);
  const lines = [...view.lines, ...added];
  const left = Math.max(0, lines.length - MAX_LINES);
  return { lines: lines.slice(left), forgotten: view.forgotten + left };
}

/**
 * What is known of a job with what a message tells. The stream tells states in their order, an answer has its own from
 * anywhere between; but an end stays one, from wherever it is known.
 */
function merged(known: Job | null, { kind, job }: Extract<JobMessage, { readonly job: Job }>): Job {
  if (!known) return job;
  const isNewer = hasEnded(job.state) || (kind === 'job' && !hasEnded(known.state));
  return {
    ...(isNewer ? job : known),
    resolvedSpec: job.resolvedSpec || known.resolvedSpec,
    // Only an answer has all of it.
    result: kind === 'answer' ? (job.result ?? known.result) : (known.result ?? job.result),
    failure: job.failure ?? known.failure,
  };
}
