// Original file: protos/lockstep/v1/membership.proto

import type { Long } from '@grpc/proto-loader';

export interface HeartbeatResponse {
  'leadershipEpoch'?: (number | string | Long);
}

export interface HeartbeatResponse__Output {
  'leadershipEpoch': (number);
}
