// Original file: protos/lockstep/v1/jobs.proto


/**
 * What a worker does for a job.
 */
export interface WorkerActivity {
  'workerId'?: (string);
  /**
   * Lanes of its newest command.
   */
  'lanes'?: (number)[];
  /**
   * Steps that the means are over, and mean seconds of each by phase: "parameters" (waiting for them), "compute", and
   * "send", which is the rest of the time from its command until the last of its lanes was there.
   */
  'steps'?: (number);
  'phaseSeconds'?: ({[key: string]: number | string});
  /**
   * What it was at as of its newest heartbeat, and since when; see Activity in membership.proto. "silent" where heartbeats
   * are missing, empty where it had nothing to do.
   */
  'phase'?: (string);
  'phaseAgeSeconds'?: (number | string);
}

/**
 * What a worker does for a job.
 */
export interface WorkerActivity__Output {
  'workerId': (string);
  /**
   * Lanes of its newest command.
   */
  'lanes': (number)[];
  /**
   * Steps that the means are over, and mean seconds of each by phase: "parameters" (waiting for them), "compute", and
   * "send", which is the rest of the time from its command until the last of its lanes was there.
   */
  'steps': (number);
  'phaseSeconds': ({[key: string]: number});
  /**
   * What it was at as of its newest heartbeat, and since when; see Activity in membership.proto. "silent" where heartbeats
   * are missing, empty where it had nothing to do.
   */
  'phase': (string);
  'phaseAgeSeconds': (number);
}
