// Original file: protos/lockstep/v1/jobs.proto

import type { JobProgress as _lockstep_v1_JobProgress, JobProgress__Output as _lockstep_v1_JobProgress__Output } from '../../lockstep/v1/JobProgress.js';

/**
 * Progress, at most a few times a second.
 */
export interface StepsCommitted {
  'progress'?: (_lockstep_v1_JobProgress | null);
}

/**
 * Progress, at most a few times a second.
 */
export interface StepsCommitted__Output {
  'progress': (_lockstep_v1_JobProgress__Output | null);
}
