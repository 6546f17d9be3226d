// Original file: protos/lockstep/v1/training.proto

import type { Hello as _lockstep_v1_Hello, Hello__Output as _lockstep_v1_Hello__Output } from '../../lockstep/v1/Hello.js';
import type { JobReady as _lockstep_v1_JobReady, JobReady__Output as _lockstep_v1_JobReady__Output } from '../../lockstep/v1/JobReady.js';
import type { GradientFrame as _lockstep_v1_GradientFrame, GradientFrame__Output as _lockstep_v1_GradientFrame__Output } from '../../lockstep/v1/GradientFrame.js';
import type { LaneFailed as _lockstep_v1_LaneFailed, LaneFailed__Output as _lockstep_v1_LaneFailed__Output } from '../../lockstep/v1/LaneFailed.js';
import type { EvaluationResult as _lockstep_v1_EvaluationResult, EvaluationResult__Output as _lockstep_v1_EvaluationResult__Output } from '../../lockstep/v1/EvaluationResult.js';
import type { Bye as _lockstep_v1_Bye, Bye__Output as _lockstep_v1_Bye__Output } from '../../lockstep/v1/Bye.js';
import type { ResidualFrame as _lockstep_v1_ResidualFrame, ResidualFrame__Output as _lockstep_v1_ResidualFrame__Output } from '../../lockstep/v1/ResidualFrame.js';

/**
 * Worker to coordinator.
 */
export interface TrainRequest {
  'hello'?: (_lockstep_v1_Hello | null);
  'jobReady'?: (_lockstep_v1_JobReady | null);
  'gradient'?: (_lockstep_v1_GradientFrame | null);
  'laneFailed'?: (_lockstep_v1_LaneFailed | null);
  'evaluation'?: (_lockstep_v1_EvaluationResult | null);
  'bye'?: (_lockstep_v1_Bye | null);
  'residual'?: (_lockstep_v1_ResidualFrame | null);
  'message'?: "hello"|"jobReady"|"gradient"|"laneFailed"|"evaluation"|"bye"|"residual";
}

/**
 * Worker to coordinator.
 */
export interface TrainRequest__Output {
  'hello'?: (_lockstep_v1_Hello__Output | null);
  'jobReady'?: (_lockstep_v1_JobReady__Output | null);
  'gradient'?: (_lockstep_v1_GradientFrame__Output | null);
  'laneFailed'?: (_lockstep_v1_LaneFailed__Output | null);
  'evaluation'?: (_lockstep_v1_EvaluationResult__Output | null);
  'bye'?: (_lockstep_v1_Bye__Output | null);
  'residual'?: (_lockstep_v1_ResidualFrame__Output | null);
  'message'?: "hello"|"jobReady"|"gradient"|"laneFailed"|"evaluation"|"bye"|"residual";
}
