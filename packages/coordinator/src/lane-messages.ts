/** What a worker's message means for the lanes of the current step. */
import type { TrainRequest__Output } from '@lockstep/protocol';
import type { LaneEvent } from './core/lane-state.js';
import type { CrewEvent } from './crew.js';
import type { Gather } from './gather.js';
import type { WorkerSession } from './ports.js';

/** What messages of this step carry. */
export interface CurrentStep {
  readonly jobId: string;
  readonly leadershipEpoch: number;
  readonly step: number;
  readonly version: number;
}

/** The event of a step that something of its crew is; null where it is none. @throws LockstepError PROTOCOL_VIOLATION */
export function laneEventOf(event: CrewEvent, current: CurrentStep, gather: Gather): LaneEvent | null {
  if (event.type === 'ready') return { type: 'ready', worker: event.session.key };
  if (event.type === 'lost') return { type: 'lost', worker: event.session.key, why: event.why };
  return fromMessage(event.session, event.message, current, gather);
}

function fromMessage(
  { key: worker }: WorkerSession,
  { gradient, laneFailed: failed }: TrainRequest__Output,
  current: CurrentStep,
  gather: Gather,
): LaneEvent | null {
  const found = gradient ?? failed;
  const isOurs =
    found?.jobId === current.jobId &&
    found.incarnation === worker.incarnation &&
    found.leadershipEpoch === current.leadershipEpoch;
  if (!isOurs) return null;
  if (found.step < current.step) return failed || gradient?.sums ? { type: 'returned', worker } : null;
  if (found.step > current.step) return null;
  if (failed) {
    const why = failed.failure ? `${failed.failure.code}: ${failed.failure.message}` : 'no reason was given';
    return { type: 'failed', worker, attempt: failed.attempt, lanes: failed.lanes, why };
  }
  const range = gradient && gradient.version === current.version ? gather.take(worker, gradient) : null;
  return range && gradient ? { type: 'result', worker, attempt: gradient.attempt, range } : null;
}
