// Original file: protos/lockstep/v1/membership.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What a worker is at.
 */
export interface Activity {
  'jobId'?: (string);
  'step'?: (number | string | Long);
  'lanes'?: (number)[];
  /**
   * "parameters" (waits for a version), "rows" (reads its shard), "compute", "send" (hands the gradient over) or
   * "evaluate".
   */
  'phase'?: (string);
  /**
   * Milliseconds since the phase began.
   */
  'phaseMs'?: (number | string | Long);
}

/**
 * What a worker is at.
 */
export interface Activity__Output {
  'jobId': (string);
  'step': (number);
  'lanes': (number)[];
  /**
   * "parameters" (waits for a version), "rows" (reads its shard), "compute", "send" (hands the gradient over) or
   * "evaluate".
   */
  'phase': (string);
  /**
   * Milliseconds since the phase began.
   */
  'phaseMs': (number);
}
