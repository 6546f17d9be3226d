/** What the page of a job knows, from what the coordinator sends. */
import { type EventLine, eventLine } from './event-words.js';
import { hasEnded } from './format.js';
import { type JobCurves, NO_CURVES, withEvents } from './job-curves.js';
import type { Job, JobActivity, JobEvent } from './wire.js';

/** A message of the stream of a job, or of a request for it. */
export type JobMessage =
  | { readonly kind: 'job'; readonly job: Job }
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
      const { event } = message;
      if (event.sequence <= view.lastSequence) continue;
      events.push(event);
      view = { ...view, lastSequence: event.sequence, job: withEvent(view.job, event) };
    } else if (message.kind === 'job') view = { ...view, job: merged(view.job, message.job) };
    else if (message.kind === 'activity') view = { ...view, activity: message.activity };
    else view = { ...view, isComplete: true };
  }
  if (view.job && hasEnded(view.job.state)) view = { ...view, activity: null };
  return events.length > 0 ? { ...view, ...withLines(view, events), curves: withEvents(view.curves, events) } : view;
}

function withLines(view: JobView, events: readonly JobEvent[]): Pick<JobView, 'lines' | 'forgotten'> {
  const added = events.flatMap((event) => eventLine(event) ?? []);
  const lines = [...view.lines, ...added];
  const left = Math.max(0, lines.length - MAX_LINES);
  return { lines: lines.slice(left), forgotten: view.forgotten + left };
}

function withEvent(job: Job | null, event: JobEvent): Job | null {
  if (!job) return null;
  const progress = event.stepsCommitted?.progress;
  // Of an event that is older than the job itself nothing is taken.
  if (event.unixSeconds < job.updatedUnixSeconds) return job;
  if (progress) return { ...job, progress };
  return event.stateChanged ? { ...job, ...event.stateChanged } : job;
}

/** A job in place of what is known of it; large parts are only in some answers. */
function merged(known: Job | null, job: Job): Job {
  return {
    ...job,
    resolvedSpec: job.resolvedSpec || (known?.resolvedSpec ?? ''),
    progress: job.progress ?? known?.progress ?? null,
    result: job.result ?? known?.result ?? null,
  };
}
