// Original file: protos/lockstep/v1/training.proto

import type { Failure as _lockstep_v1_Failure, Failure__Output as _lockstep_v1_Failure__Output } from '../../lockstep/v1/Failure.js';
import type { Long } from '@grpc/proto-loader';

/**
 * A piece of a lane's residual.
 */
export interface ResidualFrame {
  'jobId'?: (string);
  'leadershipEpoch'?: (number | string | Long);
  'incarnation'?: (number | string | Long);
  'version'?: (number | string | Long);
  'lane'?: (number);
  /**
   * First element of `data` in the flat vector. Frames of a lane come in order and without gaps.
   */
  'startElement'?: (number | string | Long);
  /**
   * Little-endian float32, at most 256 KiB.
   */
  'data'?: (Buffer | Uint8Array | string);
  /**
   * Set where the worker can't answer; there is no data then.
   */
  'failure'?: (_lockstep_v1_Failure | null);
}

/**
 * A piece of a lane's residual.
 */
export interface ResidualFrame__Output {
  'jobId': (string);
  'leadershipEpoch': (number);
  'incarnation': (number);
  'version': (number);
  'lane': (number);
  /**
   * First element of `data` in the flat vector. Frames of a lane come in order and without gaps.
   */
  'startElement': (number);
  /**
   * Little-endian float32, at most 256 KiB.
   */
  'data': (Buffer);
  /**
   * Set where the worker can't answer; there is no data then.
   */
  'failure': (_lockstep_v1_Failure__Output | null);
}
