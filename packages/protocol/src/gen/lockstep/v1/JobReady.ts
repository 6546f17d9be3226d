// Original file: protos/lockstep/v1/training.proto

import type { Failure as _lockstep_v1_Failure, Failure__Output as _lockstep_v1_Failure__Output } from '../../lockstep/v1/Failure.js';
import type { HostAnswer as _lockstep_v1_HostAnswer, HostAnswer__Output as _lockstep_v1_HostAnswer__Output } from '../../lockstep/v1/HostAnswer.js';

export interface JobReady {
  'jobId'?: (string);
  /**
   * Set when the worker can't take the job.
   */
  'failure'?: (_lockstep_v1_Failure | null);
  /**
   * Answer to the plan's offer of shared memory.
   */
  'host'?: (_lockstep_v1_HostAnswer | null);
}

export interface JobReady__Output {
  'jobId': (string);
  /**
   * Set when the worker can't take the job.
   */
  'failure': (_lockstep_v1_Failure__Output | null);
  /**
   * Answer to the plan's offer of shared memory.
   */
  'host': (_lockstep_v1_HostAnswer__Output | null);
}
