// Original file: protos/lockstep/v1/parameters.proto

import type { Long } from '@grpc/proto-loader';

export interface GetResidualResponse {
  /**
   * First element of `data` in the flat vector.
   */
  'startElement'?: (number | string | Long);
  /**
   * Little-endian float32.
   */
  'data'?: (Buffer | Uint8Array | string);
}

export interface GetResidualResponse__Output {
  /**
   * First element of `data` in the flat vector.
   */
  'startElement': (number);
  /**
   * Little-endian float32.
   */
  'data': (Buffer);
}
