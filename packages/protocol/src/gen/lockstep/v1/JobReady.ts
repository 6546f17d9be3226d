// Original file: protos/lockstep/v1/training.proto

import type { Failure as _lockstep_v1_Failure, Failure__Output as _lockstep_v1_Failure__Output } from '../../lockstep/v1/Failure.js';

export interface JobReady {
  'jobId'?: (string);
  /**
   * Set when the worker can't take the job.
   */
  'failure'?: (_lockstep_v1_Failure | null);
}

export interface JobReady__Output {
  'jobId': (string);
  /**
   * Set when the worker can't take the job.
   */
  'failure': (_lockstep_v1_Failure__Output | null);
}
