// Original file: protos/lockstep/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Seconds that a process spent in each of its phases, over all steps since the coordinator was last started; phases as in
 * JobActivity and WorkerActivity.
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
 * Seconds that a process spent in each of its phases, over all steps since the coordinator was last started; phases as in
 * JobActivity and WorkerActivity.
 */
export interface ProcessTime__Output {
  /**
   * "coordinator" or the worker's id.
   */
  'process': (string);
  'steps': (number);
  'phaseSeconds': ({[key: string]: number});
}
