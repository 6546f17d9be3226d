/** Connected workers. */
import type { LiveCluster } from '../browser/use-cluster.js';
import { useNow } from '../browser/use-now.js';
import { formatAge, formatDuration } from '../core/format.js';
import { jobPath } from '../core/route.js';
import type { ConnectedWorker } from '../core/wire.js';
import { Copyable } from './copyable.js';
import { Scroller } from './scroller.js';
import { StateMark } from './state-mark.js';

/** Beats that are late are worth a word; those on time are not. */
const LATE_SECONDS = 5;

/** The list, or how to get a first worker. */
export function WorkersPage({ cluster }: { readonly cluster: LiveCluster }) {
  const { workers } = cluster;
  if (!workers) return cluster.failure ? null : <p class="soft">Loading…</p>;
  return (
    <>
      <h1>Workers</h1>
      {workers.length === 0 ? (
        <div class="empty">
          <p>
            <strong>No worker is connected.</strong> Jobs wait until one is:
          </p>
          <p>
            <Copyable text={`lockstep worker --server ${location.hostname}:7070`} />
          </p>
        </div>
      ) : (
        <WorkersTable workers={workers} />
      )}
    </>
  );
}

function WorkersTable({ workers }: { readonly workers: readonly ConnectedWorker[] }) {
  const now = useNow();
  return (
    <Scroller name="Workers">
      <table class="workers">
        <caption class="unseen">Connected workers</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Worker</th>
            <th scope="col">Job</th>
            <th scope="col">Device</th>
            <th scope="col" class="roomy">
              Engine
            </th>
            <th scope="col" class="n">
              Lanes at once
            </th>
            <th scope="col" class="n roomy">
              Connected
            </th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <WorkerRow key={worker.workerId} worker={worker} now={now} />
          ))}
        </tbody>
      </table>
    </Scroller>
  );
}

function WorkerRow({ worker, now }: { readonly worker: ConnectedWorker; readonly now: number }) {
  const { workerId, host, pid, engine, jobId, heartbeatAgeSeconds } = worker;
  return (
    <tr>
      <td>
        <StateMark state={worker.state} />
      </td>
      <th scope="row">
        {workerId}
        <span class="soft id">
          {host}, pid {pid}, {worker.softwareVersion}
        </span>
        {heartbeatAgeSeconds > LATE_SECONDS ? (
          <span class="late id">no heartbeat for {formatDuration(heartbeatAgeSeconds)}</span>
        ) : null}
      </th>
      <td>{jobId ? <a href={jobPath(jobId)}>{jobId}</a> : '–'}</td>
      <td>{engine?.provider || '–'}</td>
      <td class="roomy">{engine ? `${engine.name} ${engine.version}` : '–'}</td>
      <td class="n">{worker.replicas}</td>
      <td class="n roomy">{formatAge(now - worker.joinedUnixSeconds)}</td>
    </tr>
  );
}
