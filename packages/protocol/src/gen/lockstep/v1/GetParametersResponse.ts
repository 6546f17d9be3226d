// Original file: protos/lockstep/v1/parameters.proto

import type { Long } from '@grpc/proto-loader';

export interface GetParametersResponse {
  'version'?: (number | string | Long);
  /**
   * First element of `data` in the flat parameter vector.
   */
  'startElement'?: (number | string | Long);
  /**
   * Little-endian float32.
   */
  'data'?: (Buffer | Uint8Array | string);
}

export interface GetParametersResponse__Output {
  'version': (number);
  /**
   * First element of `data` in the flat parameter vector.
   */
  'startElement': (number);
  /**
   * Little-endian float32.
   */
  'data': (Buffer);
}
