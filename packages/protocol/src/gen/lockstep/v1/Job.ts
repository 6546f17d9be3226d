// Original file: protos/lockstep/v1/jobs.proto

import type { JobState as _lockstep_v1_JobState, JobState__Output as _lockstep_v1_JobState__Output } from '../../lockstep/v1/JobState.js';
import type { JobProgress as _lockstep_v1_JobProgress, JobProgress__Output as _lockstep_v1_JobProgress__Output } from '../../lockstep/v1/JobProgress.js';
import type { JobResult as _lockstep_v1_JobResult, JobResult__Output as _lockstep_v1_JobResult__Output } from '../../lockstep/v1/JobResult.js';
import type { Failure as _lockstep_v1_Failure, Failure__Output as _lockstep_v1_Failure__Output } from '../../lockstep/v1/Failure.js';
import type { JobActivity as _lockstep_v1_JobActivity, JobActivity__Output as _lockstep_v1_JobActivity__Output } from '../../lockstep/v1/JobActivity.js';

export interface Job {
  'id'?: (string);
  'name'?: (string);
  'state'?: (_lockstep_v1_JobState);
  /**
   * Why the job is in this state, in words and numbers.
   */
  'reason'?: (string);
  /**
   * Resolved spec as YAML.
   */
  'resolvedSpec'?: (string);
  'createdUnixSeconds'?: (number | string);
  'updatedUnixSeconds'?: (number | string);
  'progress'?: (_lockstep_v1_JobProgress | null);
  /**
   * Set once the job succeeded.
   */
  'result'?: (_lockstep_v1_JobResult | null);
  /**
   * Set once the job failed.
   */
  'failure'?: (_lockstep_v1_Failure | null);
  /**
   * Of run.priority: jobs of a higher one come first.
   */
  'priority'?: (number);
  'namespace'?: (string);
  /**
   * What its processes do now; in GetJob only, of a job that runs.
   */
  'activity'?: (_lockstep_v1_JobActivity | null);
}

export interface Job__Output {
  'id': (string);
  'name': (string);
  'state': (_lockstep_v1_JobState__Output);
  /**
   * Why the job is in this state, in words and numbers.
   */
  'reason': (string);
  /**
   * Resolved spec as YAML.
   */
  'resolvedSpec': (string);
  'createdUnixSeconds': (number);
  'updatedUnixSeconds': (number);
  'progress': (_lockstep_v1_JobProgress__Output | null);
  /**
   * Set once the job succeeded.
   */
  'result': (_lockstep_v1_JobResult__Output | null);
  /**
   * Set once the job failed.
   */
  'failure': (_lockstep_v1_Failure__Output | null);
  /**
   * Of run.priority: jobs of a higher one come first.
   */
  'priority': (number);
  'namespace': (string);
  /**
   * What its processes do now; in GetJob only, of a job that runs.
   */
  'activity': (_lockstep_v1_JobActivity__Output | null);
}
