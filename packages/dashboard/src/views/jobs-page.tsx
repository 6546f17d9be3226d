/** The list of jobs. */
import { useState } from 'preact/hooks';
import { announce } from '../browser/announce.js';
import type { LiveCluster } from '../browser/use-cluster.js';
import { useNow } from '../browser/use-now.js';
import { counted, formatAge, formatDuration, formatNumber, formatRate, hasEnded } from '../core/format.js';
import { jobPath } from '../core/route.js';
import type { Job } from '../core/wire.js';
import { Copyable } from './copyable.js';
import { Scroller } from './scroller.js';
import { StateMark } from './state-mark.js';

/** The list, or how to get a first job. */
export function JobsPage({ cluster }: { readonly cluster: LiveCluster }) {
  const { list, workers } = cluster;
  if (!list) return cluster.failure ? null : <p class="soft">Loading…</p>;
  const open = list.jobs.filter(({ state }) => !hasEnded(state)).length;
  // Nobody knows what older jobs do that were not asked for.
  const scope = list.nextPageToken ? ` of the newest ${list.jobs.length}` : '';
  const busy = workers?.filter(({ state }) => state === 'busy').length ?? 0;
  return (
    <>
      <h1>Jobs</h1>
      <p class="soft summary">
        {open === 0 ? `None${scope} waits or runs` : `${open}${scope} not ended`}
        {workers ? ` · ${counted(workers.length, 'worker')} connected, ${busy} busy` : ''}
      </p>
      {list.jobs.length === 0 ? <NoJobs /> : <JobsTable jobs={list.jobs} />}
      {list.nextPageToken ? <LoadMore loadMore={cluster.loadMore} /> : null}
    </>
  );
}

function NoJobs() {
  return (
    <div class="empty">
      <p>
        <strong>No jobs yet.</strong> Submit one from the folder of its spec:
      </p>
      <p>
        <Copyable text={`lockstep submit job.yaml --server ${location.hostname}:7070`} />
      </p>
      <p class="soft">
        The port is the coordinator's for gRPC, 7070 unless <code>--port</code> said otherwise. For a spec to begin
        with: <code>lockstep init data.csv --label COLUMN</code>.
      </p>
    </div>
  );
}

function LoadMore({ loadMore }: Pick<LiveCluster, 'loadMore'>) {
  const [isLoading, setLoading] = useState(false);
  const load = async (): Promise<void> => {
    if (isLoading) return;
    setLoading(true);
    const shown = await loadMore();
    if (shown > 0) announce(`${counted(shown, 'job')} shown`);
    setLoading(false);
    requestAnimationFrame(() => {
      // Whoever has loaded the last ones with the keyboard goes on in the list.
      if (document.activeElement === document.body) document.getElementById('content')?.focus({ preventScroll: true });
    });
  };
  return (
    <p>
      <button type="button" onClick={load} aria-disabled={isLoading}>
        {isLoading ? 'Loading…' : 'Load older jobs'}
      </button>
    </p>
  );
}

function JobsTable({ jobs }: { readonly jobs: readonly Job[] }) {
  const now = useNow();
  const isShared = new Set(jobs.map(({ namespace }) => namespace)).size > 1;
  return (
    <Scroller name="Jobs">
      <table class="jobs">
        <caption class="unseen">Jobs, newest first</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Job</th>
            {isShared ? (
              <th scope="col" class="roomy">
                Namespace
              </th>
            ) : null}
            <th scope="col">Progress</th>
            <th scope="col" class="n roomy">
              Loss
            </th>
            <th scope="col" class="n roomy">
              Samples/s
            </th>
            <th scope="col" class="n roomy">
              Remaining
            </th>
            <th scope="col" class="n">
              Age
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobRow key={job.id} job={job} now={now} isShared={isShared} />
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

function JobRow({ job, now, isShared }: { readonly job: Job; readonly now: number; readonly isShared: boolean }) {
  const { state, progress } = job;
  const isRunning = state === 'JOB_STATE_RUNNING';
  return (
    <tr>
      <td>
        <StateMark state={state} />
      </td>
      <th scope="row">
        <a href={jobPath(job.id)}>{job.name}</a>
        <span class="soft id">
          {job.id}
          {isShared ? <span class="narrow"> · {job.namespace}</span> : null}
        </span>
        <span class="reason">{job.reason}</span>
      </th>
      {isShared ? <td class="roomy">{job.namespace}</td> : null}
      <td>
        <ProgressBar job={job} />
      </td>
      <td class="n roomy">{progress ? formatNumber(progress.trainLoss) : '–'}</td>
      <td class="n roomy">{progress && isRunning ? formatRate(progress.samplesPerSecond) : '–'}</td>
      <td class="n roomy">{progress && isRunning ? formatDuration(progress.remainingSeconds) : '–'}</td>
      <td class="n">
        <time dateTime={new Date(job.createdUnixSeconds * 1000).toISOString()}>
          {formatAge(now - job.createdUnixSeconds)}
        </time>
      </td>
    </tr>
  );
}

/** How far a job is, as a bar with its number. */
export function ProgressBar({ job }: { readonly job: Job }) {
  const { progress } = job;
  if (!progress || progress.totalSteps === 0) return <span class="soft">–</span>;
  const percent = Math.floor((100 * progress.step) / progress.totalSteps);
  return (
    <span class="progress">
      <progress max={progress.totalSteps} value={progress.step} aria-label={`Progress of ${job.name}`} />
      <span>{percent} %</span>
    </span>
  );
}
