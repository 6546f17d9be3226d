/** All jobs and workers, live. */
import { useEffect, useState } from 'preact/hooks';
import { type JobList, withFirstPage, withNextPage } from '../core/job-list.js';
import { type ConnectedWorker, type Failure, readJobPage, readWorkers } from '../core/wire.js';
import { failureOf, RequestError, request } from './api.js';
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
  useEffect(() => {
    if (!isShown) return;
    return followStream({
      path: '/api/events',
      probe: '/api/jobs',
      kinds: ['jobs', 'workers'],
      after: () => 0,
      onMessage: (kind, data) => {
        setFailure(null);
        if (kind === 'jobs') setList((before) => withFirstPage(before, readJobPage(data)));
        else setWorkers(readWorkers(data));
      },
      onStatus: setStatus,
      onRefused: fail,
    });
  }, [isShown, onRefused]);
  const loadMore = async (): Promise<void> => {
    if (!list?.nextPageToken) return;
    const path = `/api/jobs?pageToken=${encodeURIComponent(list.nextPageToken)}`;
    await request('GET', path).then(
      (page) => setList((before) => before && withNextPage(before, readJobPage(page))),
      fail,
    );
  };
  return { list, workers, status, failure, loadMore };
}
