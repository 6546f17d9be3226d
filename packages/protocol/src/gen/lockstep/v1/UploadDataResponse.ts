// Original file: protos/lockstep/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

export interface UploadDataResponse {
  'storedBytes'?: (number | string | Long);
  'complete'?: (boolean);
}

export interface UploadDataResponse__Output {
  'storedBytes': (number);
  'complete': (boolean);
}
