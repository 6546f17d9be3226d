// Original file: protos/lockstep/v1/training.proto

import type { LaneSums as _lockstep_v1_LaneSums, LaneSums__Output as _lockstep_v1_LaneSums__Output } from '../../lockstep/v1/LaneSums.js';
import type { Long } from '@grpc/proto-loader';

/**
 * A piece of the pre-summed gradient of an aligned range of lanes.
 */
export interface GradientFrame {
  'jobId'?: (string);
  'leadershipEpoch'?: (number | string | Long);
  'incarnation'?: (number | string | Long);
  'step'?: (number | string | Long);
  'attempt'?: (number);
  'version'?: (number | string | Long);
  'firstLane'?: (number);
  /**
   * One past the last lane.
   */
  'endLane'?: (number);
  /**
   * First element of `data` in the flat gradient vector; of a lane's codes, the first byte.
   */
  'startElement'?: (number | string | Long);
  /**
   * Little-endian, at most 256 KiB: float32 for all lanes of the job, else elements of the plan's `gradients`. Where
   * these name a codec: codes for a node of one lane, else float32.
   */
  'data'?: (Buffer | Uint8Array | string);
  /**
   * Set on the last frame of the range only.
   */
  'sums'?: (_lockstep_v1_LaneSums | null);
  /**
   * 1-based slot of the worker's shared memory that holds the whole vector; `data` is empty then. 0 says that it travels.
   */
  'slot'?: (number);
}

/**
 * A piece of the pre-summed gradient of an aligned range of lanes.
 */
export interface GradientFrame__Output {
  'jobId': (string);
  'leadershipEpoch': (number);
  'incarnation': (number);
  'step': (number);
  'attempt': (number);
  'version': (number);
  'firstLane': (number);
  /**
   * One past the last lane.
   */
  'endLane': (number);
  /**
   * First element of `data` in the flat gradient vector; of a lane's codes, the first byte.
   */
  'startElement': (number);
  /**
   * Little-endian, at most 256 KiB: float32 for all lanes of the job, else elements of the plan's `gradients`. Where
   * these name a codec: codes for a node of one lane, else float32.
   */
  'data': (Buffer);
  /**
   * Set on the last frame of the range only.
   */
  'sums': (_lockstep_v1_LaneSums__Output | null);
  /**
   * 1-based slot of the worker's shared memory that holds the whole vector; `data` is empty then. 0 says that it travels.
   */
  'slot': (number);
}
