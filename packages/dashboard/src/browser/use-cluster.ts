/** All jobs and workers, live. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { JobList } from '../core/job-list.js';
import { type ConnectedWorker, type Failure, readJobPage, readWorkers } from '../core/wire.js';
import { failureOf, RequestError } from './api.js';
import { JobsFollower } from './jobs-follower.js';
import { followStream, type StreamStatus } from './stream.js';

/** What the lists show, and how live it is. */
export interface LiveCluster {
  /** Null until it is known. */
  readonly list: JobList | null;
  /** Null until they are known. */
  readonly workers: readonly ConnectedWorker[] | null;
  readonly status: StreamStatus;
  readonly failure: Failure | null;
  readonly loadMore: () => Promise<void>;
}

/** Follows the lists while they are shown. @param onRefused called where somebody has to log in again */
export function useCluster(isShown: boolean, onRefused: () => void): LiveCluster {
  const [list, setList] = useState<JobList | null>(null);
  const [workers, setWorkers] = useState<readonly ConnectedWorker[] | null>(null);
  const [status, setStatus] = useState<StreamStatus>('connecting');
  const [failure, setFailure] = useState<Failure | null>(null);
  const fail = (thrown: unknown): void => {
    if (thrown instanceof RequestError && thrown.status === 401) onRefused();
    else setFailure(failureOf(thrown));
  };
  const follower = useRef<JobsFollower | null>(null);
  useEffect(() => {
    if (!isShown) return;
    const jobs = new JobsFollower(setList);
    follower.current = jobs;
    const endStream = followStream({
      path: '/api/events',
      probe: '/api/jobs',
      kinds: ['jobs', 'workers'],
      after: () => 0,
      onMessage: (kind, data) => {
        setFailure(null);
        if (kind === 'jobs') jobs.takeFirst(readJobPage(data));
        else setWorkers(readWorkers(data));
      },
      onStatus: setStatus,
      onRefused: fail,
    });
    return () => {
      endStream();
      jobs.close();
    };
  }, [isShown, onRefused]);
  const loadMore = async (): Promise<void> => {
    setFailure(null);
    await follower.current?.loadMore().catch(fail);
  };
  return { list, workers, status, failure, loadMore };
}
