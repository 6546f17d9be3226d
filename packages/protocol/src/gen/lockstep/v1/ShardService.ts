// Original file: protos/lockstep/v1/shards.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ReadShardRequest as _lockstep_v1_ReadShardRequest, ReadShardRequest__Output as _lockstep_v1_ReadShardRequest__Output } from '../../lockstep/v1/ReadShardRequest.js';
import type { ReadShardResponse as _lockstep_v1_ReadShardResponse, ReadShardResponse__Output as _lockstep_v1_ReadShardResponse__Output } from '../../lockstep/v1/ReadShardResponse.js';

/**
 * Hands prepared data to workers.
 */
export interface ShardServiceClient extends grpc.Client {
  ReadShard(argument: _lockstep_v1_ReadShardRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_ReadShardResponse__Output>;
  ReadShard(argument: _lockstep_v1_ReadShardRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_ReadShardResponse__Output>;
  readShard(argument: _lockstep_v1_ReadShardRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_ReadShardResponse__Output>;
  readShard(argument: _lockstep_v1_ReadShardRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_ReadShardResponse__Output>;
  
}

/**
 * Hands prepared data to workers.
 */
export interface ShardServiceHandlers extends grpc.UntypedServiceImplementation {
  ReadShard: grpc.handleServerStreamingCall<_lockstep_v1_ReadShardRequest__Output, _lockstep_v1_ReadShardResponse>;
  
}

export interface ShardServiceDefinition extends grpc.ServiceDefinition {
  ReadShard: MethodDefinition<_lockstep_v1_ReadShardRequest, _lockstep_v1_ReadShardResponse, _lockstep_v1_ReadShardRequest__Output, _lockstep_v1_ReadShardResponse__Output>
}
