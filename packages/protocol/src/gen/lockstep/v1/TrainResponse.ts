// Original file: protos/lockstep/v1/training.proto

import type { Welcome as _lockstep_v1_Welcome, Welcome__Output as _lockstep_v1_Welcome__Output } from '../../lockstep/v1/Welcome.js';
import type { JobPlan as _lockstep_v1_JobPlan, JobPlan__Output as _lockstep_v1_JobPlan__Output } from '../../lockstep/v1/JobPlan.js';
import type { StepCommand as _lockstep_v1_StepCommand, StepCommand__Output as _lockstep_v1_StepCommand__Output } from '../../lockstep/v1/StepCommand.js';
import type { EvaluateCommand as _lockstep_v1_EvaluateCommand, EvaluateCommand__Output as _lockstep_v1_EvaluateCommand__Output } from '../../lockstep/v1/EvaluateCommand.js';
import type { JobEnded as _lockstep_v1_JobEnded, JobEnded__Output as _lockstep_v1_JobEnded__Output } from '../../lockstep/v1/JobEnded.js';
import type { Bye as _lockstep_v1_Bye, Bye__Output as _lockstep_v1_Bye__Output } from '../../lockstep/v1/Bye.js';
import type { ResidualCommand as _lockstep_v1_ResidualCommand, ResidualCommand__Output as _lockstep_v1_ResidualCommand__Output } from '../../lockstep/v1/ResidualCommand.js';

/**
 * Coordinator to worker.
 */
export interface TrainResponse {
  'welcome'?: (_lockstep_v1_Welcome | null);
  'jobPlan'?: (_lockstep_v1_JobPlan | null);
  'step'?: (_lockstep_v1_StepCommand | null);
  'evaluate'?: (_lockstep_v1_EvaluateCommand | null);
  'jobEnded'?: (_lockstep_v1_JobEnded | null);
  'bye'?: (_lockstep_v1_Bye | null);
  'residual'?: (_lockstep_v1_ResidualCommand | null);
  'message'?: "welcome"|"jobPlan"|"step"|"evaluate"|"jobEnded"|"bye"|"residual";
}

/**
 * Coordinator to worker.
 */
export interface TrainResponse__Output {
  'welcome'?: (_lockstep_v1_Welcome__Output | null);
  'jobPlan'?: (_lockstep_v1_JobPlan__Output | null);
  'step'?: (_lockstep_v1_StepCommand__Output | null);
  'evaluate'?: (_lockstep_v1_EvaluateCommand__Output | null);
  'jobEnded'?: (_lockstep_v1_JobEnded__Output | null);
  'bye'?: (_lockstep_v1_Bye__Output | null);
  'residual'?: (_lockstep_v1_ResidualCommand__Output | null);
  'message'?: "welcome"|"jobPlan"|"step"|"evaluate"|"jobEnded"|"bye"|"residual";
}
