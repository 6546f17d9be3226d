// Original file: protos/lockstep/v1/training.proto

import type { ParameterLayout as _lockstep_v1_ParameterLayout, ParameterLayout__Output as _lockstep_v1_ParameterLayout__Output } from '../../lockstep/v1/ParameterLayout.js';
import type { MaskInput as _lockstep_v1_MaskInput, MaskInput__Output as _lockstep_v1_MaskInput__Output } from '../../lockstep/v1/MaskInput.js';
import type { ShardInfo as _lockstep_v1_ShardInfo, ShardInfo__Output as _lockstep_v1_ShardInfo__Output } from '../../lockstep/v1/ShardInfo.js';
import type { HostOffer as _lockstep_v1_HostOffer, HostOffer__Output as _lockstep_v1_HostOffer__Output } from '../../lockstep/v1/HostOffer.js';
import type { NatsUser as _lockstep_v1_NatsUser, NatsUser__Output as _lockstep_v1_NatsUser__Output } from '../../lockstep/v1/NatsUser.js';
import type { Long } from '@grpc/proto-loader';

/**
 * All a worker needs to compute lanes of a job.
 */
export interface JobPlan {
  'jobId'?: (string);
  'leadershipEpoch'?: (number | string | Long);
  /**
   * Forward, loss and gradients: parameters are inputs.
   */
  'trainingGraph'?: (Buffer | Uint8Array | string);
  /**
   * Forward and row losses only: parameters are inputs.
   */
  'evaluationGraph'?: (Buffer | Uint8Array | string);
  'layout'?: (_lockstep_v1_ParameterLayout | null);
  'masks'?: (_lockstep_v1_MaskInput)[];
  'seed'?: (number | string | Long);
  'batchSize'?: (number);
  'lanes'?: (number);
  'threadsPerLane'?: (number);
  'trainRows'?: (number | string | Long);
  'featureWidth'?: (number);
  'trainShards'?: (_lockstep_v1_ShardInfo)[];
  'validationShards'?: (_lockstep_v1_ShardInfo)[];
  /**
   * Raw columns of the test rows, as model.onnx takes them.
   */
  'testShards'?: (_lockstep_v1_ShardInfo)[];
  /**
   * Prepared features of the test rows, as the training graph takes them.
   */
  'testPreparedShards'?: (_lockstep_v1_ShardInfo)[];
  /**
   * "binary", "multiclass" or "regression".
   */
  'task'?: (string);
  /**
   * Width of the model's output.
   */
  'outputWidth'?: (number);
  /**
   * NATS subject of the parameter broadcast.
   */
  'parameterSubject'?: (string);
  /**
   * Rows per evaluation chunk, fixed so that sums never follow the worker count.
   */
  'evaluationChunkRows'?: (number);
  'sampler'?: (string);
  /**
   * True where the graph's output is logits, which the worker turns into probabilities for metrics.
   */
  'outputIsLogits'?: (boolean);
  /**
   * Shared memory for workers of the coordinator's machine; absent where the job has none.
   */
  'host'?: (_lockstep_v1_HostOffer | null);
  /**
   * Number type of operands of the reduction tree: "float32", "bfloat16" or "float16"; or, with operands in float32, the
   * codec of each lane: "int8" or "topK".
   */
  'gradients'?: (string);
  /**
   * With "topK": share of the elements that is sent.
   */
  'topKFraction'?: (number | string);
  /**
   * As whom parameter_subject is heard, who may do nothing else; absent where the worker logs in by itself.
   */
  'natsLogin'?: (_lockstep_v1_NatsUser | null);
}

/**
 * All a worker needs to compute lanes of a job.
 */
export interface JobPlan__Output {
  'jobId': (string);
  'leadershipEpoch': (number);
  /**
   * Forward, loss and gradients: parameters are inputs.
   */
  'trainingGraph': (Buffer);
  /**
   * Forward and row losses only: parameters are inputs.
   */
  'evaluationGraph': (Buffer);
  'layout': (_lockstep_v1_ParameterLayout__Output | null);
  'masks': (_lockstep_v1_MaskInput__Output)[];
  'seed': (number);
  'batchSize': (number);
  'lanes': (number);
  'threadsPerLane': (number);
  'trainRows': (number);
  'featureWidth': (number);
  'trainShards': (_lockstep_v1_ShardInfo__Output)[];
  'validationShards': (_lockstep_v1_ShardInfo__Output)[];
  /**
   * Raw columns of the test rows, as model.onnx takes them.
   */
  'testShards': (_lockstep_v1_ShardInfo__Output)[];
  /**
   * Prepared features of the test rows, as the training graph takes them.
   */
  'testPreparedShards': (_lockstep_v1_ShardInfo__Output)[];
  /**
   * "binary", "multiclass" or "regression".
   */
  'task': (string);
  /**
   * Width of the model's output.
   */
  'outputWidth': (number);
  /**
   * NATS subject of the parameter broadcast.
   */
  'parameterSubject': (string);
  /**
   * Rows per evaluation chunk, fixed so that sums never follow the worker count.
   */
  'evaluationChunkRows': (number);
  'sampler': (string);
  /**
   * True where the graph's output is logits, which the worker turns into probabilities for metrics.
   */
  'outputIsLogits': (boolean);
  /**
   * Shared memory for workers of the coordinator's machine; absent where the job has none.
   */
  'host': (_lockstep_v1_HostOffer__Output | null);
  /**
   * Number type of operands of the reduction tree: "float32", "bfloat16" or "float16"; or, with operands in float32, the
   * codec of each lane: "int8" or "topK".
   */
  'gradients': (string);
  /**
   * With "topK": share of the elements that is sent.
   */
  'topKFraction': (number);
  /**
   * As whom parameter_subject is heard, who may do nothing else; absent where the worker logs in by itself.
   */
  'natsLogin': (_lockstep_v1_NatsUser__Output | null);
}
