// Original file: protos/lockstep/v1/parameters.proto

import type { Long } from '@grpc/proto-loader';

export interface ParameterTensor {
  'name'?: (string);
  'shape'?: (number)[];
  /**
   * First element; a multiple of 16, so that each tensor starts on a 64-byte boundary.
   */
  'startElement'?: (number | string | Long);
  'trainable'?: (boolean);
}

export interface ParameterTensor__Output {
  'name': (string);
  'shape': (number)[];
  /**
   * First element; a multiple of 16, so that each tensor starts on a 64-byte boundary.
   */
  'startElement': (number);
  'trainable': (boolean);
}
