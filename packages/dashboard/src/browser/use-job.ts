/** A job, live. */
import { useEffect, useState } from 'preact/hooks';
import { hasEnded } from '../core/format.js';
import { EMPTY_VIEW, following, type JobMessage, type JobView } from '../core/job-view.js';
import { type Failure, type Job, readActivity, readEvent, readJob } from '../core/wire.js';
import { failureOf, RequestError, request } from './api.js';
import { followStream, type StreamStatus } from './stream.js';

/** What the page of a job shows, and how live it is. */
export interface LiveJob {
  readonly view: JobView;
  readonly status: StreamStatus;
  /** Why there is no job, or no more of it. */
  readonly failure: Failure | null;
  /** Takes in what an action has answered. */
  readonly update: (job: Job) => void;
}

/** Messages are taken in together: a long history comes as thousands of them. */
const BATCH_MS = 100;

/** Follows a job. @param onRefused called where somebody has to log in again */
export function useJob(jobId: string, onRefused: () => void): LiveJob {
  const [view, setView] = useState<JobView>(EMPTY_VIEW);
  const [status, setStatus] = useState<StreamStatus>('connecting');
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    const follower = new JobFollower(jobId, { setView, setStatus, setFailure, onRefused });
    return () => follower.close();
  }, [jobId, onRefused]);
  const update = (job: Job): void => setView((before) => following(before, [{ kind: 'job', job }]));
  return { view, status, failure, update };
}

interface Listeners {
  readonly setView: (change: (before: JobView) => JobView) => void;
  readonly setStatus: (status: StreamStatus) => void;
  readonly setFailure: (failure: Failure) => void;
  readonly onRefused: () => void;
}

class JobFollower {
  readonly #path: string;
  readonly #listeners: Listeners;
  readonly #endStream: () => void;
  #waiting: JobMessage[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastSequence = 0;
  /** State that the whole job was fetched in; a new one may have more of it. */
  #fetchedState = '';
  #isClosed = false;

  constructor(jobId: string, listeners: Listeners) {
    this.#path = `/api/jobs/${encodeURIComponent(jobId)}`;
    this.#listeners = listeners;
    listeners.setView(() => EMPTY_VIEW);
    this.#endStream = followStream({
      path: `${this.#path}/events`,
      probe: this.#path,
      kinds: ['job', 'event', 'activity', 'end'],
      after: () => this.#lastSequence,
      onMessage: (kind, data) => this.#onMessage(kind, data),
      onStatus: listeners.setStatus,
      onRefused: (error) => this.#onRefused(error),
    });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#endStream();
  }

  #onMessage(kind: string, data: unknown): void {
    if (kind === 'event') {
      const event = readEvent(data);
      this.#lastSequence = Math.max(this.#lastSequence, event.sequence);
      this.#take({ kind, event });
    } else if (kind === 'job') {
      const job = readJob(data);
      this.#take({ kind, job });
      void this.#fetchWhole(job.state);
    } else if (kind === 'activity') this.#take({ kind, activity: readActivity(data) });
    else {
      this.#endStream();
      this.#listeners.setStatus('open');
      this.#take({ kind: 'end' });
    }
  }

  /** The spec, the result and the failure, which the stream may leave out. */
  async #fetchWhole(state: string): Promise<void> {
    if (this.#fetchedState === state || (this.#fetchedState && !hasEnded(state))) return;
    this.#fetchedState = state;
    try {
      this.#take({ kind: 'job', job: readJob(await request('GET', this.#path)) });
    } catch (thrown) {
      // The next message of its state asks again.
      this.#fetchedState = '';
      if (thrown instanceof RequestError && thrown.status === 401) this.#listeners.onRefused();
    }
  }

  #onRefused(error: RequestError): void {
    if (error.status === 401) this.#listeners.onRefused();
    else this.#listeners.setFailure(failureOf(error));
  }

  #take(message: JobMessage): void {
    if (this.#isClosed) return;
    this.#waiting.push(message);
    this.#timer ??= setTimeout(() => {
      const messages = this.#waiting;
      this.#waiting = [];
      this.#timer = undefined;
      this.#listeners.setView((before) => following(before, messages));
    }, BATCH_MS);
  }
}
