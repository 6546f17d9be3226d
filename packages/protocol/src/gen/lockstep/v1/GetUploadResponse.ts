// Original file: protos/lockstep/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

export interface GetUploadResponse {
  'storedBytes'?: (number | string | Long);
  'complete'?: (boolean);
}

export interface GetUploadResponse__Output {
  'storedBytes': (number);
  'complete': (boolean);
}
