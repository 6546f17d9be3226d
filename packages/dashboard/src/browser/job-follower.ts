/** Follows a job: its stream, and requests for what the stream leaves out. */
import { hasEnded } from '../core/format.js';
import type { JobMessage } from '../core/job-view.js';
import { type Failure, readActivity, readEvent, readJob } from '../core/wire.js';
import { failureOf, isRefusal, pauseAfter, RequestError, request } from './api.js';
import { followStream, type StreamStatus } from './stream.js';

/** Who wants to know of a job. */
export interface JobListeners {
  /** Takes messages in their order. */
  readonly onMessages: (messages: readonly JobMessage[]) => void;
  readonly onStatus: (status: StreamStatus) => void;
  /** There is no job, or no more of it. */
  readonly onFailure: (failure: Failure) => void;
  /** Somebody has to log in again. */
  readonly onRefused: () => void;
}

/** The ways to the coordinator. */
export interface Ways {
  readonly followStream: typeof followStream;
  readonly request: typeof request;
}

/** Messages are taken in together: a long history comes as thousands of them. */
const BATCH_MS = 100;

/** A job, from now until it is closed. */
export class JobFollower {
  readonly #path: string;
  readonly #listeners: JobListeners;
  readonly #request: typeof request;
  readonly #endStream: () => void;
  #waiting: JobMessage[] = [];
  #batchTimer: ReturnType<typeof setTimeout> | undefined;
  #askTimer: ReturnType<typeof setTimeout> | undefined;
  #lastSequence = 0;
  /** As the stream told it last. */
  #hasEnded = false;
  /** What the whole job was asked for: it has its spec while it runs, and its result once it has ended. */
  #fetched: 'nothing' | 'running' | 'ended' = 'nothing';
  #isAsking = false;
  #failures = 0;
  #isClosed = false;

  constructor(jobId: string, listeners: JobListeners, ways: Ways = { followStream, request }) {
    this.#path = `/api/jobs/${encodeURIComponent(jobId)}`;
    this.#listeners = listeners;
    this.#request = ways.request;
    this.#endStream = ways.followStream({
      path: `${this.#path}/events`,
      probe: this.#path,
      kinds: ['job', 'event', 'activity', 'end'],
      after: () => this.#lastSequence,
      onMessage: (kind, data) => this.#onMessage(kind, data),
      onStatus: listeners.onStatus,
      onRefused: (error) => this.#onRefused(error),
    });
  }

  /** Ends the stream, and asks for nothing more. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#batchTimer);
    clearTimeout(this.#askTimer);
    this.#endStream();
  }

  #onMessage(kind: string, data: unknown): void {
    if (kind === 'event') {
      const event = readEvent(data);
      this.#lastSequence = Math.max(this.#lastSequence, event.sequence);
      this.#take({ kind, event });
    } else if (kind === 'job') {
      const job = readJob(data);
      this.#hasEnded = hasEnded(job.state);
      this.#take({ kind, job });
      void this.#fetchWhole();
    } else if (kind === 'activity') this.#take({ kind, activity: readActivity(data) });
    else {
      this.#endStream();
      this.#listeners.onStatus('open');
      this.#take({ kind: 'end' });
    }
  }

  /** The spec and the whole result. Nothing more is told of a job that has ended: it is asked until there is an answer. */
  async #fetchWhole(): Promise<void> {
    const wanted = this.#hasEnded ? 'ended' : 'running';
    const isThere = this.#fetched === wanted || this.#fetched === 'ended';
    if (isThere || this.#isAsking || this.#isClosed) return;
    clearTimeout(this.#askTimer);
    this.#isAsking = true;
    try {
      this.#take({ kind: 'answer', job: readJob(await this.#request('GET', this.#path)) });
      this.#fetched = wanted;
      this.#failures = 0;
    } catch (thrown) {
      if (thrown instanceof RequestError && isRefusal(thrown)) this.#onRefused(thrown);
      else this.#askTimer = setTimeout(() => void this.#fetchWhole(), pauseAfter(++this.#failures));
    }
    this.#isAsking = false;
    // It may have ended meanwhile.
    if (this.#fetched === wanted) await this.#fetchWhole();
  }

  #onRefused(error: RequestError): void {
    if (this.#isClosed) return;
    if (error.status === 401) this.#listeners.onRefused();
    else this.#listeners.onFailure(failureOf(error));
  }

  #take(message: JobMessage): void {
    if (this.#isClosed) return;
    this.#waiting.push(message);
    this.#batchTimer ??= setTimeout(() => {
      const messages = this.#waiting;
      this.#waiting = [];
      this.#batchTimer = undefined;
      this.#listeners.onMessages(messages);
    }, BATCH_MS);
  }
}
