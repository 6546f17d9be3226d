// Original file: protos/lockstep/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

export interface UploadDataRequest {
  /**
   * SHA-256 of the whole file, hex. In the first message.
   */
  'sha256'?: (string);
  'totalBytes'?: (number | string | Long);
  /**
   * Position of `data` in the file; must follow on what is already there.
   */
  'offset'?: (number | string | Long);
  'data'?: (Buffer | Uint8Array | string);
  /**
   * Name of the file at the client, for messages and its extension.
   */
  'fileName'?: (string);
}

export interface UploadDataRequest__Output {
  /**
   * SHA-256 of the whole file, hex. In the first message.
   */
  'sha256': (string);
  'totalBytes': (number);
  /**
   * Position of `data` in the file; must follow on what is already there.
   */
  'offset': (number);
  'data': (Buffer);
  /**
   * Name of the file at the client, for messages and its extension.
   */
  'fileName': (string);
}
