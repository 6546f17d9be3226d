// Original file: protos/lockstep/v1/jobs.proto


/**
 * A step takes longer than its deadline: who holds it up, once a step for each worker.
 */
export interface StepStalled {
  /**
   * Empty where it is not a worker that the step waits for.
   */
  'workerId'?: (string);
  'lanes'?: (number)[];
  /**
   * What the worker was last known to be at, as Activity.phase; "unknown" where it tells nothing, "silent" where its
   * heartbeats are missing. Of the coordinator, its own phase.
   */
  'phase'?: (string);
  'waitedSeconds'?: (number | string);
  'deadlineSeconds'?: (number | string);
  /**
   * One sentence with all of the above, and what happens next.
   */
  'reason'?: (string);
}

/**
 * A step takes longer than its deadline: who holds it up, once a step for each worker.
 */
export interface StepStalled__Output {
  /**
   * Empty where it is not a worker that the step waits for.
   */
  'workerId': (string);
  'lanes': (number)[];
  /**
   * What the worker was last known to be at, as Activity.phase; "unknown" where it tells nothing, "silent" where its
   * heartbeats are missing. Of the coordinator, its own phase.
   */
  'phase': (string);
  'waitedSeconds': (number);
  'deadlineSeconds': (number);
  /**
   * One sentence with all of the above, and what happens next.
   */
  'reason': (string);
}
