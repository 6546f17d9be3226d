/** Where a job is between two steps, and that as a checkpoint. */
import { inTurns } from '@lockstep/protocol';
import { copyInPieces } from '@lockstep/protocol/core';
import type { Checkpoint, EpochSums, JobWork } from './checkpoint/checkpoint.js';
import { collectResiduals } from './collect-residuals.js';
import { NOT_STOPPED, type StoppingState } from './core/early-stopping.js';
import type { EpochRow } from './core/history.js';
import { NONE_SKIPPED, type SkippedSteps } from './core/non-finite.js';
import type { StepPorts } from './run-step.js';

/** Where a job is between two steps. */
export interface EpochState {
  /** Finished steps, those that were skipped among them. */
  step: number;
  /** Finished epochs. */
  history: EpochRow[];
  sums: EpochSums;
  secondsInEpoch: number;
  stopping: StoppingState;
  /** Parameters of the best epoch where they are wanted at the end; never written to. */
  bestParameters: Float32Array | null;
  skipped: SkippedSteps;
  /** Unix seconds of the first step committed here; 0 before it. */
  firstStepUnixSeconds: number;
}

/** Sums of an epoch that begins. */
export const NO_SUMS: EpochSums = { denominator: 0, loss: 0, metric: 0 };

/** The state to begin with, or to go on from. */
export function epochState(from: Checkpoint | null): EpochState {
  return {
    step: from?.step ?? 0,
    history: [...(from?.history ?? [])],
    sums: from?.sums ?? NO_SUMS,
    secondsInEpoch: from?.secondsInEpoch ?? 0,
    stopping: from?.stopping ?? NOT_STOPPED,
    bestParameters: from?.bestParameters ?? null,
    skipped: from?.skipped ?? NONE_SKIPPED,
    firstStepUnixSeconds: 0,
  };
}

/**
 * The state as a checkpoint, with copies of all that the next step changes; it must not begin before they are made.
 * @throws OwnerLost where residuals of lanes are gone
 */
export async function capture(
  state: EpochState,
  { steps, work }: { readonly steps: StepPorts; readonly work: () => JobWork },
): Promise<Checkpoint> {
  const residuals = await collectResiduals(steps);
  const { vectors, numbers } = steps.rule.optimizer.state();
  const { step, sums, secondsInEpoch, stopping, bestParameters, skipped } = state;
  const copies: Record<string, Float32Array> = {};
  for (const [name, vector] of Object.entries(vectors)) copies[name] = await inTurns(copyInPieces(vector));
  return {
    work: work(),
    ...{ step, leadershipEpoch: steps.leadershipEpoch },
    parameters: await inTurns(copyInPieces(steps.versions.current)),
    optimizer: { vectors: copies, numbers },
    history: [...state.history],
    ...{ sums, secondsInEpoch, stopping, bestParameters, skipped, residuals },
  };
}
