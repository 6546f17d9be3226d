/** Makes spans of what happens to jobs and workers. */
import type * as Api from '@opentelemetry/api';
import type { Context, Span, Tracer } from '@opentelemetry/api';
import {
  type JobSpans,
  leaveSpans,
  NO_SPANS,
  nextSpans,
  SPAN_LEVELS,
  type SpanAction,
  type SpanAttributes,
  type SpanLevel,
} from '../core/job-spans.js';
import { parseTraceparent } from '../core/traceparent.js';
import type { Job, TimedWork } from '../job.js';
import type { WorkerEvent } from '../ports.js';

/** Spans of one job. */
interface Followed {
  spans: JobSpans;
  sequence: number;
  readonly open: Map<SpanLevel, Span>;
  /** Context that the job's own span is in. */
  readonly outer: Context;
}

/** Writes spans to a tracer, which sends them beside everything else. */
export class SpanWriter {
  readonly #api: typeof Api;
  readonly #tracer: Tracer;
  readonly #jobs = new Map<string, Followed>();
  readonly #sessions = new Map<string, Span>();

  constructor(api: typeof Api, tracer: Tracer) {
    this.#api = api;
    this.#tracer = tracer;
  }

  /** Follows a job, from its submission on, until it has ended. @param traceparent span of the client; '' without one */
  follow(job: Job, traceparent: string): void {
    if (this.#jobs.has(job.id) || job.hasEnded) return;
    const followed: Followed = { spans: NO_SPANS, sequence: 0, open: new Map(), outer: this.#contextOf(traceparent) };
    this.#jobs.set(job.id, followed);
    const { spec, namespace } = job.submission;
    const { workers, minWorkers, device, priority } = spec.run;
    const attributes = {
      ...{ 'lockstep.job.id': job.id, 'lockstep.job.name': spec.name, 'lockstep.namespace': namespace },
      ...{ 'lockstep.workers': workers, 'lockstep.min_workers': minWorkers, 'lockstep.priority': priority },
      ...{ 'lockstep.device': device, 'lockstep.engine': spec.train.engine, 'lockstep.lanes': spec.train.lanes },
    };
    this.#act(followed, { type: 'start', level: 'job', name: 'job', at: job.createdUnixSeconds, attributes });
    const take = (): void => {
      for (const event of job.eventsAfter(followed.sequence)) {
        followed.sequence = Number(event.sequence);
        const { spans, actions } = nextSpans(followed.spans, event);
        followed.spans = spans;
        for (const action of actions) this.#act(followed, action);
      }
      if (!job.hasEnded) return;
      unfollow();
      unfollowWork();
      this.#jobs.delete(job.id);
    };
    const unfollowWork = job.followWork((work) => this.#timed(followed, work));
    const unfollow = job.follow(take);
    take();
  }

  /** Takes what happens to workers: a span for each time that one is connected. */
  worker(event: WorkerEvent, unixSeconds: number): void {
    if (event.type === 'attached') {
      const { key, engine, device, numericClass } = event.session;
      const attributes = {
        ...{ 'lockstep.worker.id': key.workerId, 'lockstep.worker.incarnation': key.incarnation },
        ...{ 'lockstep.engine': engine, 'lockstep.device': device, 'lockstep.numeric_class': numericClass },
      };
      const startTime = timeOf(unixSeconds);
      const span = this.#tracer.startSpan('worker session', { startTime, attributes, root: true });
      this.#sessions.get(key.workerId)?.end(startTime);
      this.#sessions.set(key.workerId, span);
    } else if (event.type === 'detached') {
      const { workerId } = event.session.key;
      this.#sessions.get(workerId)?.setAttribute('reason', event.why).end(timeOf(unixSeconds));
      this.#sessions.delete(workerId);
    }
  }

  /** Ends every span: this process follows nothing any more. */
  close(unixSeconds: number): void {
    for (const followed of this.#jobs.values()) {
      for (const action of leaveSpans(followed.spans, unixSeconds)) this.#act(followed, action);
    }
    this.#jobs.clear();
    for (const span of this.#sessions.values()) span.end(timeOf(unixSeconds));
    this.#sessions.clear();
  }

  #act(followed: Followed, action: SpanAction): void {
    const { open } = followed;
    if (action.type === 'start') {
      const { level, name, at, attributes } = action;
      const parent = SPAN_LEVELS.slice(0, SPAN_LEVELS.indexOf(level));
      open.set(level, this.#start(followed, parent, { name, at, attributes }));
      return;
    }
    const span = open.get(action.level);
    if (action.type === 'event') span?.addEvent(action.name, { ...action.attributes }, timeOf(action.at));
    else open.delete(action.level);
    if (action.type === 'end' && span) {
      span.setAttributes({ ...action.attributes });
      if (action.error !== null) this.#fail(span, action.error);
      span.end(timeOf(action.at));
    }
  }

  #timed(followed: Followed, { name, startUnixSeconds, endUnixSeconds, error, attributes }: TimedWork): void {
    // A checkpoint is written beside the steps of the next epoch.
    const parent: readonly SpanLevel[] = name === 'evaluation' ? SPAN_LEVELS : ['job', 'phase'];
    const span = this.#start(followed, parent, { name, at: startUnixSeconds, attributes });
    if (error) this.#fail(span, error.message);
    span.end(timeOf(endUnixSeconds));
  }

  /** Starts a span inside the innermost of these that is open. */
  #start(
    { open, outer }: Followed,
    levels: readonly SpanLevel[],
    { name, at, attributes }: { readonly name: string; readonly at: number; readonly attributes: SpanAttributes },
  ): Span {
    const parent = [...levels].reverse().flatMap((level) => open.get(level) ?? [])[0];
    const context = parent ? this.#api.trace.setSpan(outer, parent) : outer;
    return this.#tracer.startSpan(name, { startTime: timeOf(at), attributes: { ...attributes } }, context);
  }

  #fail(span: Span, message: string): void {
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message });
  }

  #contextOf(traceparent: string): Context {
    const { ROOT_CONTEXT, trace } = this.#api;
    const remote = parseTraceparent(traceparent);
    return remote ? trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true }) : ROOT_CONTEXT;
  }
}

/** Seconds and nanoseconds since 1970, which no number of milliseconds is taken for. */
function timeOf(unixSeconds: number): [number, number] {
  const seconds = Math.floor(unixSeconds);
  return [seconds, Math.round((unixSeconds - seconds) * 1e9)];
}
