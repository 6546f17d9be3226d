// Original file: protos/lockstep/v1/training.proto

import type { Long } from '@grpc/proto-loader';

export interface StepCommand {
  'jobId'?: (string);
  'leadershipEpoch'?: (number | string | Long);
  'incarnation'?: (number | string | Long);
  /**
   * 0-based position among all steps of the job.
   */
  'step'?: (number | string | Long);
  'attempt'?: (number);
  /**
   * Version of the parameters to compute on.
   */
  'version'?: (number | string | Long);
  /**
   * CRC-32 over the version's chunk tuples.
   */
  'parameterDigest'?: (number);
  'slot'?: (number);
  /**
   * Lanes to compute, ascending.
   */
  'lanes'?: (number)[];
  'timeoutMs'?: (number);
  /**
   * 0-based.
   */
  'epoch'?: (number | string | Long);
  'stepInEpoch'?: (number);
  /**
   * The version is whole in shared memory, and gradients may stay in the worker's slots.
   */
  'host'?: (boolean);
  /**
   * With a codec of lanes: version at which residuals were handed out. One of another origin than what the worker holds
   * is read with GetResidual before the lane is computed.
   */
  'residualOrigin'?: (number | string | Long);
}

export interface StepCommand__Output {
  'jobId': (string);
  'leadershipEpoch': (number);
  'incarnation': (number);
  /**
   * 0-based position among all steps of the job.
   */
  'step': (number);
  'attempt': (number);
  /**
   * Version of the parameters to compute on.
   */
  'version': (number);
  /**
   * CRC-32 over the version's chunk tuples.
   */
  'parameterDigest': (number);
  'slot': (number);
  /**
   * Lanes to compute, ascending.
   */
  'lanes': (number)[];
  'timeoutMs': (number);
  /**
   * 0-based.
   */
  'epoch': (number);
  'stepInEpoch': (number);
  /**
   * The version is whole in shared memory, and gradients may stay in the worker's slots.
   */
  'host': (boolean);
  /**
   * With a codec of lanes: version at which residuals were handed out. One of another origin than what the worker holds
   * is read with GetResidual before the lane is computed.
   */
  'residualOrigin': (number);
}
