/** Errors that a step ends with. */
import { LockstepError } from '@lockstep/protocol/core';
import type { LaneAction } from './core/lane-state.js';
import { laneText } from './core/lane-words.js';
import { MAX_LANE_FAILURES } from './core/poison.js';
import type { StepSums } from './gather.js';

type Fail = Extract<LaneAction, { type: 'fail' }>;

/** @throws LockstepError NUMERICS_NOT_FINITE where a step's loss is no number */
export function checkLoss({ loss, denominator }: StepSums, step: number): void {
  if (Number.isFinite(loss) && denominator > 0) return;
  const message = `The loss is ${loss} over a weight of ${denominator} in step ${step}.`;
  throw new LockstepError('NUMERICS_NOT_FINITE', { message, field: 'loss', value: String(loss) });
}

/** What a job fails with when no worker can compute a lane. */
export function laneFailed(
  { lane, lost, why }: Fail,
  { step, rows, laneCount }: { readonly step: number; readonly rows: number; readonly laneCount: number },
): LockstepError {
  const name = laneText(lane, laneCount, rows);
  const what =
    lost > 0 ? `was lost with ${lost} of the ${MAX_LANE_FAILURES} workers that tried it` : 'failed on several workers';
  const message = `In step ${step}, ${name} ${what}. The last: ${why}`;
  return new LockstepError(lost > 0 ? 'POISON_LANE' : 'LANE_FAILED', { message, field: `lane ${lane}` });
}
