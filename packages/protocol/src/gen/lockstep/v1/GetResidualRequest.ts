// Original file: protos/lockstep/v1/parameters.proto

import type { Long } from '@grpc/proto-loader';

export interface GetResidualRequest {
  'jobId'?: (string);
  'leadershipEpoch'?: (number | string | Long);
  /**
   * Version at which the lane was handed out.
   */
  'origin'?: (number | string | Long);
  'lane'?: (number);
  'workerId'?: (string);
  'incarnation'?: (number | string | Long);
}

export interface GetResidualRequest__Output {
  'jobId': (string);
  'leadershipEpoch': (number);
  /**
   * Version at which the lane was handed out.
   */
  'origin': (number);
  'lane': (number);
  'workerId': (string);
  'incarnation': (number);
}
