/** Numbers of the jobs that have not ended: what they ask for, have and wait for. */
import type { RunSpec } from '@lockstep/spec';
import { crewSize } from './crew-size.js';
import type { Job } from './job.js';
import type { JobShare } from './workforce.js';

/** Devices that a job may name. */
const DEVICES = ['auto', 'cpu', 'cuda', 'webgpu'] as const satisfies readonly RunSpec['device'][];

/** A job in the queue or on its workers. */
interface Placed {
  readonly job: Job;
  readonly share: Pick<JobShare, 'hasBegun' | 'held'>;
}

/** What the jobs of a namespace have and wait for. */
export interface NamespaceCounts {
  readonly waiting: number;
  /** Workers that they hold. */
  readonly workers: number;
}

/** Workers that jobs ask for, by device, every device named. */
export function workersWanted(places: Iterable<Placed>): ReadonlyMap<string, number> {
  const wanted = new Map<string, number>(DEVICES.map((device) => [device, 0]));
  for (const { job } of places) {
    const { run, train } = job.submission.spec;
    wanted.set(run.device, (wanted.get(run.device) ?? 0) + crewSize(run, train.lanes).wanted);
  }
  return wanted;
}

/** Every namespace that has such a job. */
export function byNamespaces(places: Iterable<Placed>): ReadonlyMap<string, NamespaceCounts> {
  const counts = new Map<string, NamespaceCounts>();
  for (const { job, share } of places) {
    const { namespace } = job.submission;
    const { waiting, workers } = counts.get(namespace) ?? { waiting: 0, workers: 0 };
    counts.set(namespace, { waiting: waiting + (share.hasBegun ? 0 : 1), workers: workers + share.held });
  }
  return counts;
}
