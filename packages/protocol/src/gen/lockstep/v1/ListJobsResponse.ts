// Original file: protos/lockstep/v1/jobs.proto

import type { Job as _lockstep_v1_Job, Job__Output as _lockstep_v1_Job__Output } from '../../lockstep/v1/Job.js';

export interface ListJobsResponse {
  /**
   * Newest first. Results come without metrics_json, history_csv and curves_json, which GetJob has: a page must stay small.
   */
  'jobs'?: (_lockstep_v1_Job)[];
  /**
   * Empty at the end of the list.
   */
  'nextPageToken'?: (string);
}

export interface ListJobsResponse__Output {
  /**
   * Newest first. Results come without metrics_json, history_csv and curves_json, which GetJob has: a page must stay small.
   */
  'jobs': (_lockstep_v1_Job__Output)[];
  /**
   * Empty at the end of the list.
   */
  'nextPageToken': (string);
}
