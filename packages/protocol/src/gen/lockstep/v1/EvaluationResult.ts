// Original file: protos/lockstep/v1/training.proto

import type { ChunkResult as _lockstep_v1_ChunkResult, ChunkResult__Output as _lockstep_v1_ChunkResult__Output } from '../../lockstep/v1/ChunkResult.js';
import type { Failure as _lockstep_v1_Failure, Failure__Output as _lockstep_v1_Failure__Output } from '../../lockstep/v1/Failure.js';
import type { Long } from '@grpc/proto-loader';

export interface EvaluationResult {
  'jobId'?: (string);
  'leadershipEpoch'?: (number | string | Long);
  'incarnation'?: (number | string | Long);
  'evaluationId'?: (number | string | Long);
  'chunks'?: (_lockstep_v1_ChunkResult)[];
  'failure'?: (_lockstep_v1_Failure | null);
  /**
   * Version that the chunks were evaluated on.
   */
  'version'?: (number | string | Long);
}

export interface EvaluationResult__Output {
  'jobId': (string);
  'leadershipEpoch': (number);
  'incarnation': (number);
  'evaluationId': (number);
  'chunks': (_lockstep_v1_ChunkResult__Output)[];
  'failure': (_lockstep_v1_Failure__Output | null);
  /**
   * Version that the chunks were evaluated on.
   */
  'version': (number);
}
