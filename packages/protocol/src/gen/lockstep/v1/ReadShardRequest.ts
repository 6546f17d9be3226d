// Original file: protos/lockstep/v1/shards.proto

import type { Long } from '@grpc/proto-loader';

export interface ReadShardRequest {
  'jobId'?: (string);
  /**
   * Name of the shard as in the job plan.
   */
  'shard'?: (string);
  'workerId'?: (string);
  'incarnation'?: (number | string | Long);
}

export interface ReadShardRequest__Output {
  'jobId': (string);
  /**
   * Name of the shard as in the job plan.
   */
  'shard': (string);
  'workerId': (string);
  'incarnation': (number);
}
