// Original file: protos/lockstep/v1/parameters.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A range of the flat parameter vector, in elements.
 */
export interface ElementRange {
  'start'?: (number | string | Long);
  'end'?: (number | string | Long);
}

/**
 * A range of the flat parameter vector, in elements.
 */
export interface ElementRange__Output {
  'start': (number);
  'end': (number);
}
