// Original file: protos/lockstep/v1/membership.proto

import type { EngineInfo as _lockstep_v1_EngineInfo, EngineInfo__Output as _lockstep_v1_EngineInfo__Output } from '../../lockstep/v1/EngineInfo.js';

export interface JoinRequest {
  /**
   * Stable name chosen by the worker's operator; empty lets the coordinator choose.
   */
  'workerName'?: (string);
  'softwareVersion'?: (string);
  'engine'?: (_lockstep_v1_EngineInfo | null);
  'host'?: (string);
  'pid'?: (number);
  'metricsAddress'?: (string);
  /**
   * Drawn anew by each start of the worker: who joins again with the same one has not died.
   */
  'processNonce'?: (string);
  /**
   * Lanes that the worker computes at once; 0 is 1.
   */
  'replicas'?: (number);
}

export interface JoinRequest__Output {
  /**
   * Stable name chosen by the worker's operator; empty lets the coordinator choose.
   */
  'workerName': (string);
  'softwareVersion': (string);
  'engine': (_lockstep_v1_EngineInfo__Output | null);
  'host': (string);
  'pid': (number);
  'metricsAddress': (string);
  /**
   * Drawn anew by each start of the worker: who joins again with the same one has not died.
   */
  'processNonce': (string);
  /**
   * Lanes that the worker computes at once; 0 is 1.
   */
  'replicas': (number);
}
