// Original file: protos/lockstep/v1/training.proto

import type { Failure as _lockstep_v1_Failure, Failure__Output as _lockstep_v1_Failure__Output } from '../../lockstep/v1/Failure.js';
import type { Long } from '@grpc/proto-loader';

export interface LaneFailed {
  'jobId'?: (string);
  'leadershipEpoch'?: (number | string | Long);
  'incarnation'?: (number | string | Long);
  'step'?: (number | string | Long);
  'attempt'?: (number);
  'lanes'?: (number)[];
  'failure'?: (_lockstep_v1_Failure | null);
  /**
   * Version that the lanes were to be computed on.
   */
  'version'?: (number | string | Long);
}

export interface LaneFailed__Output {
  'jobId': (string);
  'leadershipEpoch': (number);
  'incarnation': (number);
  'step': (number);
  'attempt': (number);
  'lanes': (number)[];
  'failure': (_lockstep_v1_Failure__Output | null);
  /**
   * Version that the lanes were to be computed on.
   */
  'version': (number);
}
