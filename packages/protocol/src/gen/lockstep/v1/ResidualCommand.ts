// Original file: protos/lockstep/v1/training.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Asks for what lanes have not sent so far, on their way into a checkpoint.
 */
export interface ResidualCommand {
  'jobId'?: (string);
  'leadershipEpoch'?: (number | string | Long);
  'incarnation'?: (number | string | Long);
  /**
   * Version that the residuals are added to the gradients of.
   */
  'version'?: (number | string | Long);
  'lanes'?: (number)[];
}

/**
 * Asks for what lanes have not sent so far, on their way into a checkpoint.
 */
export interface ResidualCommand__Output {
  'jobId': (string);
  'leadershipEpoch': (number);
  'incarnation': (number);
  /**
   * Version that the residuals are added to the gradients of.
   */
  'version': (number);
  'lanes': (number)[];
}
