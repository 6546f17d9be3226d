// Original file: protos/lockstep/v1/training.proto

import type { Long } from '@grpc/proto-loader';

export interface Welcome {
  'leadershipEpoch'?: (number | string | Long);
}

export interface Welcome__Output {
  'leadershipEpoch': (number);
}
