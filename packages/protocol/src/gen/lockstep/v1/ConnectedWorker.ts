// Original file: protos/lockstep/v1/cluster.proto

import type { EngineInfo as _lockstep_v1_EngineInfo, EngineInfo__Output as _lockstep_v1_EngineInfo__Output } from '../../lockstep/v1/EngineInfo.js';

/**
 * A worker that is connected.
 */
export interface ConnectedWorker {
  'workerId'?: (string);
  'host'?: (string);
  'pid'?: (number);
  'softwareVersion'?: (string);
  'engine'?: (_lockstep_v1_EngineInfo | null);
  /**
   * Lanes that it computes at once.
   */
  'replicas'?: (number);
  /**
   * Job that it works for; empty where it is free, or the job is of a namespace that the caller does not see.
   */
  'jobId'?: (string);
  /**
   * "free", "busy", or "silent" where its heartbeats are missing.
   */
  'state'?: (string);
  'joinedUnixSeconds'?: (number | string);
  'heartbeatAgeSeconds'?: (number | string);
}

/**
 * A worker that is connected.
 */
export interface ConnectedWorker__Output {
  'workerId': (string);
  'host': (string);
  'pid': (number);
  'softwareVersion': (string);
  'engine': (_lockstep_v1_EngineInfo__Output | null);
  /**
   * Lanes that it computes at once.
   */
  'replicas': (number);
  /**
   * Job that it works for; empty where it is free, or the job is of a namespace that the caller does not see.
   */
  'jobId': (string);
  /**
   * "free", "busy", or "silent" where its heartbeats are missing.
   */
  'state': (string);
  'joinedUnixSeconds': (number);
  'heartbeatAgeSeconds': (number);
}
