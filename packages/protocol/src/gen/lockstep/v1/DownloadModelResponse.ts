// Original file: protos/lockstep/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

export interface DownloadModelResponse {
  'offset'?: (number | string | Long);
  'totalBytes'?: (number | string | Long);
  'data'?: (Buffer | Uint8Array | string);
}

export interface DownloadModelResponse__Output {
  'offset': (number);
  'totalBytes': (number);
  'data': (Buffer);
}
