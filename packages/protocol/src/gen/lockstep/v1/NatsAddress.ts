// Original file: protos/lockstep/v1/membership.proto

import type { NatsUser as _lockstep_v1_NatsUser, NatsUser__Output as _lockstep_v1_NatsUser__Output } from '../../lockstep/v1/NatsUser.js';

export interface NatsAddress {
  'servers'?: (string)[];
  /**
   * As whom the worker connects, who may neither hear nor say anything; absent where it logs in by itself.
   */
  'login'?: (_lockstep_v1_NatsUser | null);
  /**
   * CAs of the servers in PEM; empty where the worker knows them, or no TLS is spoken.
   */
  'tlsCa'?: (Buffer | Uint8Array | string);
}

export interface NatsAddress__Output {
  'servers': (string)[];
  /**
   * As whom the worker connects, who may neither hear nor say anything; absent where it logs in by itself.
   */
  'login': (_lockstep_v1_NatsUser__Output | null);
  /**
   * CAs of the servers in PEM; empty where the worker knows them, or no TLS is spoken.
   */
  'tlsCa': (Buffer);
}
