// Original file: protos/lockstep/v1/jobs.proto

import type { Job as _lockstep_v1_Job, Job__Output as _lockstep_v1_Job__Output } from '../../lockstep/v1/Job.js';

export interface SuspendJobResponse {
  /**
   * One that runs is suspended once it has kept its last step: its state says so.
   */
  'job'?: (_lockstep_v1_Job | null);
}

export interface SuspendJobResponse__Output {
  /**
   * One that runs is suspended once it has kept its last step: its state says so.
   */
  'job': (_lockstep_v1_Job__Output | null);
}
