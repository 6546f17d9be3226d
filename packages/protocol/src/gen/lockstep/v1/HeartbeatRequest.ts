// Original file: protos/lockstep/v1/membership.proto

import type { Long } from '@grpc/proto-loader';

export interface HeartbeatRequest {
  'workerId'?: (string);
  'incarnation'?: (number | string | Long);
  /**
   * Milliseconds the engine has been inside its current run; 0 when idle.
   */
  'busyMs'?: (number | string | Long);
}

export interface HeartbeatRequest__Output {
  'workerId': (string);
  'incarnation': (number);
  /**
   * Milliseconds the engine has been inside its current run; 0 when idle.
   */
  'busyMs': (number);
}
