// Original file: protos/lockstep/v1/membership.proto

import type { Activity as _lockstep_v1_Activity, Activity__Output as _lockstep_v1_Activity__Output } from '../../lockstep/v1/Activity.js';
import type { Long } from '@grpc/proto-loader';

export interface HeartbeatRequest {
  'workerId'?: (string);
  'incarnation'?: (number | string | Long);
  /**
   * Milliseconds the engine has been inside its current run; 0 when idle.
   */
  'busyMs'?: (number | string | Long);
  /**
   * What the worker is at for the oldest command that it has not answered; absent when it has none.
   */
  'activity'?: (_lockstep_v1_Activity | null);
}

export interface HeartbeatRequest__Output {
  'workerId': (string);
  'incarnation': (number);
  /**
   * Milliseconds the engine has been inside its current run; 0 when idle.
   */
  'busyMs': (number);
  /**
   * What the worker is at for the oldest command that it has not answered; absent when it has none.
   */
  'activity': (_lockstep_v1_Activity__Output | null);
}
