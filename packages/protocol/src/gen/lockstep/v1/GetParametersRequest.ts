// Original file: protos/lockstep/v1/parameters.proto

import type { ElementRange as _lockstep_v1_ElementRange, ElementRange__Output as _lockstep_v1_ElementRange__Output } from '../../lockstep/v1/ElementRange.js';
import type { Long } from '@grpc/proto-loader';

export interface GetParametersRequest {
  'jobId'?: (string);
  'leadershipEpoch'?: (number | string | Long);
  'version'?: (number | string | Long);
  /**
   * Empty means all.
   */
  'ranges'?: (_lockstep_v1_ElementRange)[];
  'workerId'?: (string);
  'incarnation'?: (number | string | Long);
}

export interface GetParametersRequest__Output {
  'jobId': (string);
  'leadershipEpoch': (number);
  'version': (number);
  /**
   * Empty means all.
   */
  'ranges': (_lockstep_v1_ElementRange__Output)[];
  'workerId': (string);
  'incarnation': (number);
}
