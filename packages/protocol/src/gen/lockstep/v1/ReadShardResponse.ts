// Original file: protos/lockstep/v1/shards.proto

import type { Long } from '@grpc/proto-loader';

export interface ReadShardResponse {
  'offset'?: (number | string | Long);
  'totalBytes'?: (number | string | Long);
  'data'?: (Buffer | Uint8Array | string);
}

export interface ReadShardResponse__Output {
  'offset': (number);
  'totalBytes': (number);
  'data': (Buffer);
}
