// Original file: protos/lockstep/v1/training.proto

import type { EvaluationSource as _lockstep_v1_EvaluationSource, EvaluationSource__Output as _lockstep_v1_EvaluationSource__Output } from '../../lockstep/v1/EvaluationSource.js';
import type { Long } from '@grpc/proto-loader';

export interface EvaluateCommand {
  'jobId'?: (string);
  'leadershipEpoch'?: (number | string | Long);
  'incarnation'?: (number | string | Long);
  'evaluationId'?: (number | string | Long);
  'source'?: (_lockstep_v1_EvaluationSource);
  'version'?: (number | string | Long);
  'parameterDigest'?: (number);
  /**
   * Chunks to compute, by index.
   */
  'chunks'?: (number)[];
  /**
   * For EVALUATION_SOURCE_TEST: the SHA-256 of the model, read through ReadShard as shard "model.onnx".
   */
  'modelSha256'?: (string);
  'timeoutMs'?: (number);
  /**
   * The version is whole in shared memory.
   */
  'host'?: (boolean);
}

export interface EvaluateCommand__Output {
  'jobId': (string);
  'leadershipEpoch': (number);
  'incarnation': (number);
  'evaluationId': (number);
  'source': (_lockstep_v1_EvaluationSource__Output);
  'version': (number);
  'parameterDigest': (number);
  /**
   * Chunks to compute, by index.
   */
  'chunks': (number)[];
  /**
   * For EVALUATION_SOURCE_TEST: the SHA-256 of the model, read through ReadShard as shard "model.onnx".
   */
  'modelSha256': (string);
  'timeoutMs': (number);
  /**
   * The version is whole in shared memory.
   */
  'host': (boolean);
}
