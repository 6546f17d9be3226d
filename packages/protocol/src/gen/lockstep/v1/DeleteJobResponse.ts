// Original file: protos/lockstep/v1/jobs.proto

import type { Job as _lockstep_v1_Job, Job__Output as _lockstep_v1_Job__Output } from '../../lockstep/v1/Job.js';

export interface DeleteJobResponse {
  /**
   * As it was.
   */
  'job'?: (_lockstep_v1_Job | null);
}

export interface DeleteJobResponse__Output {
  /**
   * As it was.
   */
  'job': (_lockstep_v1_Job__Output | null);
}
