// Original file: protos/lockstep/v1/jobs.proto

export const JobState = {
  JOB_STATE_UNSPECIFIED: 'JOB_STATE_UNSPECIFIED',
  /**
   * Waits for data, workers or its turn; `reason` says for what.
   */
  JOB_STATE_PENDING: 'JOB_STATE_PENDING',
  /**
   * Data is read, cleaned, split and cut into shards.
   */
  JOB_STATE_PREPARING: 'JOB_STATE_PREPARING',
  JOB_STATE_RUNNING: 'JOB_STATE_RUNNING',
  /**
   * Test metrics and export.
   */
  JOB_STATE_FINISHING: 'JOB_STATE_FINISHING',
  JOB_STATE_SUCCEEDED: 'JOB_STATE_SUCCEEDED',
  JOB_STATE_FAILED: 'JOB_STATE_FAILED',
  JOB_STATE_CANCELLED: 'JOB_STATE_CANCELLED',
  /**
   * Has no workers and wants none until it is resumed.
   */
  JOB_STATE_SUSPENDED: 'JOB_STATE_SUSPENDED',
} as const;

export type JobState =
  | 'JOB_STATE_UNSPECIFIED'
  | 0
  /**
   * Waits for data, workers or its turn; `reason` says for what.
   */
  | 'JOB_STATE_PENDING'
  | 1
  /**
   * Data is read, cleaned, split and cut into shards.
   */
  | 'JOB_STATE_PREPARING'
  | 2
  | 'JOB_STATE_RUNNING'
  | 3
  /**
   * Test metrics and export.
   */
  | 'JOB_STATE_FINISHING'
  | 4
  | 'JOB_STATE_SUCCEEDED'
  | 5
  | 'JOB_STATE_FAILED'
  | 6
  | 'JOB_STATE_CANCELLED'
  | 7
  /**
   * Has no workers and wants none until it is resumed.
   */
  | 'JOB_STATE_SUSPENDED'
  | 8

export type JobState__Output = typeof JobState[keyof typeof JobState]
