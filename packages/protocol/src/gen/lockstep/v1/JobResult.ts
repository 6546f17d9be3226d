// Original file: protos/lockstep/v1/jobs.proto

import type { ProcessTime as _lockstep_v1_ProcessTime, ProcessTime__Output as _lockstep_v1_ProcessTime__Output } from '../../lockstep/v1/ProcessTime.js';
import type { Long } from '@grpc/proto-loader';

export interface JobResult {
  'parametersSha256'?: (string);
  'lanes'?: (number);
  'numericClass'?: (string);
  'reproducible'?: (boolean);
  /**
   * Test metrics by name, for example "accuracy".
   */
  'testMetrics'?: ({[key: string]: number | string});
  /**
   * The whole of metrics.json.
   */
  'metricsJson'?: (string);
  /**
   * The whole of history.csv.
   */
  'historyCsv'?: (string);
  'modelBytes'?: (number | string | Long);
  'modelSha256'?: (string);
  /**
   * Largest difference between training's own scores and model.onnx's.
   */
  'exportDifference'?: (number | string);
  /**
   * Unix time of the first committed step.
   */
  'firstStepUnixSeconds'?: (number | string);
  /**
   * Links over which workers trained: "host", "network" or "host, network".
   */
  'link'?: (string);
  /**
   * ROC, precision and recall, and calibration on the test rows, as JSON; "null" for a regression.
   */
  'curvesJson'?: (string);
  /**
   * Where the time of training went: the coordinator first, then each worker that computed lanes.
   */
  'processTimes'?: (_lockstep_v1_ProcessTime)[];
}

export interface JobResult__Output {
  'parametersSha256': (string);
  'lanes': (number);
  'numericClass': (string);
  'reproducible': (boolean);
  /**
   * Test metrics by name, for example "accuracy".
   */
  'testMetrics': ({[key: string]: number});
  /**
   * The whole of metrics.json.
   */
  'metricsJson': (string);
  /**
   * The whole of history.csv.
   */
  'historyCsv': (string);
  'modelBytes': (number);
  'modelSha256': (string);
  /**
   * Largest difference between training's own scores and model.onnx's.
   */
  'exportDifference': (number);
  /**
   * Unix time of the first committed step.
   */
  'firstStepUnixSeconds': (number);
  /**
   * Links over which workers trained: "host", "network" or "host, network".
   */
  'link': (string);
  /**
   * ROC, precision and recall, and calibration on the test rows, as JSON; "null" for a regression.
   */
  'curvesJson': (string);
  /**
   * Where the time of training went: the coordinator first, then each worker that computed lanes.
   */
  'processTimes': (_lockstep_v1_ProcessTime__Output)[];
}
