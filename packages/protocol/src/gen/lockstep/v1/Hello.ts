// Original file: protos/lockstep/v1/training.proto

import type { Long } from '@grpc/proto-loader';

export interface Hello {
  'workerId'?: (string);
  'incarnation'?: (number | string | Long);
}

export interface Hello__Output {
  'workerId': (string);
  'incarnation': (number);
}
