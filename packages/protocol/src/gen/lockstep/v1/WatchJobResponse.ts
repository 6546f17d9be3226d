// Original file: protos/lockstep/v1/jobs.proto

import type { JobEvent as _lockstep_v1_JobEvent, JobEvent__Output as _lockstep_v1_JobEvent__Output } from '../../lockstep/v1/JobEvent.js';

export interface WatchJobResponse {
  'event'?: (_lockstep_v1_JobEvent | null);
}

export interface WatchJobResponse__Output {
  'event': (_lockstep_v1_JobEvent__Output | null);
}
