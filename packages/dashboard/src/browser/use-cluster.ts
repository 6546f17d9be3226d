/** All jobs and workers, live. */
import { useEffect, useState } from 'preact/hooks';
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
  /** @returns how many jobs are shown now; 0 where that failed */
  readonly loadMore: () => Promise<number>;
}

/** Follows the lists while they are shown, and keeps them meanwhile. @param onRefused called where somebody has to log in again */
export function useCluster(isShown: boolean, onRefused: () => void): LiveCluster {
  const [list, setList] = useState<JobList | null>(null);
  const [jobs] = useState(() => new JobsFollower(setList));
  const [workers, setWorkers] = useState<readonly ConnectedWorker[] | null>(null);
  const [status, setStatus] = useState<StreamStatus>('connecting');
  const [failure, setFailure] = useState<Failure | null>(null);
  const fail = (thrown: unknown): void => {
    if (thrown instanceof RequestError && thrown.status === 401) onRefused();
    else setFailure(failureOf(thrown));
  };
  useEffect(() => {
    if (!isShown) return;
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
      jobs.rest();
    };
  }, [isShown, onRefused]);
  const loadMore = (): Promise<number> => {
    setFailure(null);
    return jobs.loadMore().catch((thrown: unknown) => {
      fail(thrown);
      return 0;
    });
  };
  return { list, workers, status, failure, loadMore };
}
