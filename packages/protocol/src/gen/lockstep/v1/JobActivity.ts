// Original file: protos/lockstep/v1/jobs.proto

import type { WorkerActivity as _lockstep_v1_WorkerActivity, WorkerActivity__Output as _lockstep_v1_WorkerActivity__Output } from '../../lockstep/v1/WorkerActivity.js';
import type { StepStalled as _lockstep_v1_StepStalled, StepStalled__Output as _lockstep_v1_StepStalled__Output } from '../../lockstep/v1/StepStalled.js';

/**
 * What the processes of a job that runs do now.
 */
export interface JobActivity {
  /**
   * Steps that the means are over: the newest ones.
   */
  'steps'?: (number);
  /**
   * Mean seconds of a step by phase of the coordinator: "command", "compute" (the wait for lanes), "reduce", "update",
   * "broadcast". They come one behind another, and add up to the step.
   */
  'phaseSeconds'?: ({[key: string]: number | string});
  'workers'?: (_lockstep_v1_WorkerActivity)[];
  /**
   * The step that takes too long now; absent where none does.
   */
  'stall'?: (_lockstep_v1_StepStalled | null);
}

/**
 * What the processes of a job that runs do now.
 */
export interface JobActivity__Output {
  /**
   * Steps that the means are over: the newest ones.
   */
  'steps': (number);
  /**
   * Mean seconds of a step by phase of the coordinator: "command", "compute" (the wait for lanes), "reduce", "update",
   * "broadcast". They come one behind another, and add up to the step.
   */
  'phaseSeconds': ({[key: string]: number});
  'workers': (_lockstep_v1_WorkerActivity__Output)[];
  /**
   * The step that takes too long now; absent where none does.
   */
  'stall': (_lockstep_v1_StepStalled__Output | null);
}
