/** What a checkpoint holds: everything that the rest of a job follows from, at the boundary of a step. */
import type { SAMPLER_V1 } from '@lockstep/protocol/core';
import type { StoppingState } from '../core/early-stopping.js';
import type { EpochRow } from '../core/history.js';
import type { SkippedSteps } from '../core/non-finite.js';
import type { OptimizerState } from '../core/optimizers/optimizer.js';

/** Sums over the committed steps of an epoch, float64. */
export interface EpochSums {
  readonly denominator: number;
  readonly loss: number;
  readonly metric: number;
}

/** What a job computes, as far as it decides the bits: a checkpoint of other work cannot be gone on from. */
export interface JobWork {
  /** The resolved spec's data, split, preprocess, model and train; not its name and nothing under run. */
  readonly spec: Readonly<Record<string, unknown>>;
  /** Hash of the source data and of what prepares it. */
  readonly dataFingerprint: string;
  /** Engine, instruction set and settings that the steps were computed with. */
  readonly numericClass: string;
  /** Committed steps at which the job went on in another numeric class; [] is the rule. */
  readonly rebasedAt: readonly number[];
  readonly sampler: typeof SAMPLER_V1;
}

/** State after some committed steps. */
export interface Checkpoint {
  readonly work: JobWork;
  /** Finished steps. */
  readonly step: number;
  readonly leadershipEpoch: number;
  /** Flat vector, as long as the layout. */
  readonly parameters: Float32Array;
  readonly optimizer: OptimizerState;
  /** Finished epochs. */
  readonly history: readonly EpochRow[];
  /** Of the epoch in progress. */
  readonly sums: EpochSums;
  readonly secondsInEpoch: number;
  readonly stopping: StoppingState;
  /** Parameters of the best epoch, where the job ends with them. */
  readonly bestParameters: Float32Array | null;
  readonly skipped: SkippedSteps;
  /** What each lane has not sent so far, where lanes are encoded; else none. */
  readonly residuals: readonly Float32Array[];
}

/** A place of a spec, such as `train.optimizer.learningRate`, where two specs differ. */
export interface Difference {
  readonly path: string;
  readonly left: unknown;
  readonly right: unknown;
}

/** Where two values differ. */
export function differences(left: unknown, right: unknown, path = ''): Difference[] {
  if (Object.is(left, right)) return [];
  if (!isRecord(left) || !isRecord(right)) return [{ path, left, right }];
  const keys = [...new Set([...Object.keys(left), ...Object.keys(right)])];
  return keys.flatMap((key) => differences(left[key], right[key], path === '' ? key : `${path}.${key}`));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
