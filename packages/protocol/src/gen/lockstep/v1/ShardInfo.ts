// Original file: protos/lockstep/v1/shards.proto

import type { Long } from '@grpc/proto-loader';

export interface ShardInfo {
  'name'?: (string);
  'firstRow'?: (number | string | Long);
  'rowCount'?: (number | string | Long);
  'bytes'?: (number | string | Long);
  'sha256'?: (string);
}

export interface ShardInfo__Output {
  'name': (string);
  'firstRow': (number);
  'rowCount': (number);
  'bytes': (number);
  'sha256': (string);
}
