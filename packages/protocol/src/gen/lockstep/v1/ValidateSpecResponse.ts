// Original file: protos/lockstep/v1/jobs.proto

import type { Problem as _lockstep_v1_Problem, Problem__Output as _lockstep_v1_Problem__Output } from '../../lockstep/v1/Problem.js';

export interface ValidateSpecResponse {
  'problems'?: (_lockstep_v1_Problem)[];
  /**
   * The resolved spec as YAML when there is no problem.
   */
  'resolvedSpec'?: (string);
}

export interface ValidateSpecResponse__Output {
  'problems': (_lockstep_v1_Problem__Output)[];
  /**
   * The resolved spec as YAML when there is no problem.
   */
  'resolvedSpec': (string);
}
