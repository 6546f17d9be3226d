// Original file: protos/lockstep/v1/parameters.proto

import type { ParameterTensor as _lockstep_v1_ParameterTensor, ParameterTensor__Output as _lockstep_v1_ParameterTensor__Output } from '../../lockstep/v1/ParameterTensor.js';
import type { Long } from '@grpc/proto-loader';

/**
 * Where each tensor lies in the flat parameter vector.
 */
export interface ParameterLayout {
  'tensors'?: (_lockstep_v1_ParameterTensor)[];
  /**
   * Length of the flat vector with its padding, in elements.
   */
  'elementCount'?: (number | string | Long);
}

/**
 * Where each tensor lies in the flat parameter vector.
 */
export interface ParameterLayout__Output {
  'tensors': (_lockstep_v1_ParameterTensor__Output)[];
  /**
   * Length of the flat vector with its padding, in elements.
   */
  'elementCount': (number);
}
