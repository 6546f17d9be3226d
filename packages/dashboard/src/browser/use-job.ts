/** A job, live. */
import { useEffect, useState } from 'preact/hooks';
import { EMPTY_VIEW, following, type JobView } from '../core/job-view.js';
import type { Failure, Job } from '../core/wire.js';
import { JobFollower } from './job-follower.js';
import type { StreamStatus } from './stream.js';

/** What the page of a job shows, and how live it is. */
export interface LiveJob {
  readonly view: JobView;
  readonly status: StreamStatus;
  /** Why there is no job, or no more of it. */
  readonly failure: Failure | null;
  /** Takes in what an action has answered. */
  readonly update: (job: Job) => void;
}

/** Follows a job. @param onRefused called where somebody has to log in again */
export function useJob(jobId: string, onRefused: () => void): LiveJob {
  const [view, setView] = useState<JobView>(EMPTY_VIEW);
  const [status, setStatus] = useState<StreamStatus>('connecting');
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    setView(EMPTY_VIEW);
    const follower = new JobFollower(jobId, {
      onMessages: (messages) => setView((before) => following(before, messages)),
      onStatus: setStatus,
      onFailure: setFailure,
      onRefused,
    });
    return () => follower.close();
  }, [jobId, onRefused]);
  const update = (job: Job): void => setView((before) => following(before, [{ kind: 'answer', job }]));
  return { view, status, failure, update };
}
