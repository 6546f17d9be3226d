// Original file: protos/lockstep/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

export interface EpochEnded {
  /**
   * 1-based.
   */
  'epoch'?: (number | string | Long);
  'trainLoss'?: (number | string);
  'seconds'?: (number | string);
  'learningRate'?: (number | string);
  /**
   * Training and validation metrics by name, for example "accuracy", "validation_loss".
   */
  'metrics'?: ({[key: string]: number | string});
}

export interface EpochEnded__Output {
  /**
   * 1-based.
   */
  'epoch': (number);
  'trainLoss': (number);
  'seconds': (number);
  'learningRate': (number);
  /**
   * Training and validation metrics by name, for example "accuracy", "validation_loss".
   */
  'metrics': ({[key: string]: number});
}
