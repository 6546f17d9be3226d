import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ReadShardRequest as _lockstep_v1_ReadShardRequest, ReadShardRequest__Output as _lockstep_v1_ReadShardRequest__Output } from './lockstep/v1/ReadShardRequest.js';
import type { ReadShardResponse as _lockstep_v1_ReadShardResponse, ReadShardResponse__Output as _lockstep_v1_ReadShardResponse__Output } from './lockstep/v1/ReadShardResponse.js';
import type { ShardInfo as _lockstep_v1_ShardInfo, ShardInfo__Output as _lockstep_v1_ShardInfo__Output } from './lockstep/v1/ShardInfo.js';
import type { ShardServiceClient as _lockstep_v1_ShardServiceClient, ShardServiceDefinition as _lockstep_v1_ShardServiceDefinition } from './lockstep/v1/ShardService.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  lockstep: {
    v1: {
      ReadShardRequest: MessageTypeDefinition<_lockstep_v1_ReadShardRequest, _lockstep_v1_ReadShardRequest__Output>
      ReadShardResponse: MessageTypeDefinition<_lockstep_v1_ReadShardResponse, _lockstep_v1_ReadShardResponse__Output>
      ShardInfo: MessageTypeDefinition<_lockstep_v1_ShardInfo, _lockstep_v1_ShardInfo__Output>
      /**
       * Hands prepared data to workers.
       */
      ShardService: SubtypeConstructor<typeof grpc.Client, _lockstep_v1_ShardServiceClient> & { service: _lockstep_v1_ShardServiceDefinition }
    }
  }
}

