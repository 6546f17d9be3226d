// Original file: protos/lockstep/v1/jobs.proto

import type { JobState as _lockstep_v1_JobState, JobState__Output as _lockstep_v1_JobState__Output } from '../../lockstep/v1/JobState.js';

export interface StateChanged {
  'state'?: (_lockstep_v1_JobState);
  'reason'?: (string);
}

export interface StateChanged__Output {
  'state': (_lockstep_v1_JobState__Output);
  'reason': (string);
}
