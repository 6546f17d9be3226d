// Original file: protos/lockstep/v1/membership.proto

import type { NatsAddress as _lockstep_v1_NatsAddress, NatsAddress__Output as _lockstep_v1_NatsAddress__Output } from '../../lockstep/v1/NatsAddress.js';
import type { Long } from '@grpc/proto-loader';

export interface JoinResponse {
  'workerId'?: (string);
  /**
   * Grows with each Join of the same worker; messages of an older one are fenced.
   */
  'incarnation'?: (number | string | Long);
  'leadershipEpoch'?: (number | string | Long);
  'heartbeatIntervalMs'?: (number);
  'nats'?: (_lockstep_v1_NatsAddress | null);
  /**
   * Shows from now on who the worker is, where it joined with a token for a single join; else empty.
   */
  'sessionToken'?: (string);
}

export interface JoinResponse__Output {
  'workerId': (string);
  /**
   * Grows with each Join of the same worker; messages of an older one are fenced.
   */
  'incarnation': (number);
  'leadershipEpoch': (number);
  'heartbeatIntervalMs': (number);
  'nats': (_lockstep_v1_NatsAddress__Output | null);
  /**
   * Shows from now on who the worker is, where it joined with a token for a single join; else empty.
   */
  'sessionToken': (string);
}
