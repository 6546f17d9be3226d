/** What a worker's message means for the lanes of the current step, and what a worker is told to compute. */
import type { StepCommand, TrainRequest__Output } from '@lockstep/protocol';
import type { Assignment, LaneEvent } from './core/lane-state.js';
import type { ResidualBook } from './core/residual-book.js';
import type { Crew, CrewEvent } from './crew.js';
import type { Gather } from './gather.js';
import type { JobLink } from './job-link.js';
import { COMMAND_TIMEOUT_MS } from './limits.js';
import type { ParameterVersions } from './parameter-versions.js';
import type { WorkerSession } from './ports.js';

/** What messages of this step carry. */
export interface CurrentStep {
  readonly jobId: string;
  readonly leadershipEpoch: number;
  readonly step: number;
  readonly version: number;
  /** Earlier attempts are of a try before this one. */
  readonly firstAttempt: number;
}

/** The event of a step that something of its crew is; null where it is none. @throws LockstepError PROTOCOL_VIOLATION */
export function laneEventOf(event: CrewEvent, current: CurrentStep, gather: Gather): LaneEvent | null {
  if (event.type === 'ready') return { type: 'ready', worker: event.session.key };
  if (event.type === 'joined') return event;
  if (event.type === 'lost') {
    const { session, why, ending } = event;
    const { key: worker, processNonce, spokeMs } = session;
    return { type: 'lost', worker, processNonce, spokeMs, why, ending };
  }
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
  // A step that was computed before a checkpoint was gone back to may have a higher number.
  const isOtherStep = found.step !== current.step || found.version !== current.version;
  const isOther = isOtherStep || found.attempt < current.firstAttempt;
  if (isOther) return failed || gradient?.sums ? { type: 'returned', worker } : null;
  if (failed) {
    const why = failed.failure ? `${failed.failure.code}: ${failed.failure.message}` : 'no reason was given';
    return { type: 'failed', worker, attempt: failed.attempt, lanes: failed.lanes, why };
  }
  const range = gradient ? gather.take(worker, gradient) : null;
  return range && gradient ? { type: 'result', worker, attempt: gradient.attempt, range } : null;
}

/** What commands are made from. */
interface CommandPorts {
  readonly jobId: string;
  readonly leadershipEpoch: number;
  readonly versions: ParameterVersions;
  readonly crew: Crew;
  readonly link: Pick<JobLink, 'isHost'>;
  readonly residuals: Pick<ResidualBook, 'origin'> | null;
}

/** The command to compute lanes of an assignment. */
export function stepCommand(
  { worker, attempt }: Pick<Assignment, 'worker' | 'attempt'>,
  lanes: number[],
  place: { readonly step: number; readonly epoch: number; readonly stepInEpoch: number },
  { versions, crew, jobId, leadershipEpoch, link, residuals }: CommandPorts,
): StepCommand {
  const host = link.isHost(worker);
  return {
    jobId,
    leadershipEpoch,
    incarnation: worker.incarnation,
    step: place.step,
    attempt,
    version: versions.version,
    host,
    parameterDigest: host ? 0 : versions.digest,
    slot: crew.ready.findIndex(({ key }) => key.workerId === worker.workerId),
    lanes,
    timeoutMs: COMMAND_TIMEOUT_MS,
    epoch: place.epoch,
    stepInEpoch: place.stepInEpoch,
    ...(residuals ? { residualOrigin: residuals.origin } : {}),
  };
}
