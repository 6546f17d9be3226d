// Original file: protos/lockstep/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Seconds of all steps that a process spent in each of its phases.
 */
export interface ProcessTime {
  /**
   * "coordinator" or the worker's id.
   */
  'process'?: (string);
  'steps'?: (number | string | Long);
  'phaseSeconds'?: ({[key: string]: number | string});
}

/**
 * Seconds of all steps that a process spent in each of its phases.
 */
export interface ProcessTime__Output {
  /**
   * "coordinator" or the worker's id.
   */
  'process': (string);
  'steps': (number);
  'phaseSeconds': ({[key: string]: number});
}
