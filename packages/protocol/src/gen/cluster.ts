import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Activity as _lockstep_v1_Activity, Activity__Output as _lockstep_v1_Activity__Output } from './lockstep/v1/Activity.js';
import type { ClusterServiceClient as _lockstep_v1_ClusterServiceClient, ClusterServiceDefinition as _lockstep_v1_ClusterServiceDefinition } from './lockstep/v1/ClusterService.js';
import type { ConnectedWorker as _lockstep_v1_ConnectedWorker, ConnectedWorker__Output as _lockstep_v1_ConnectedWorker__Output } from './lockstep/v1/ConnectedWorker.js';
import type { EngineInfo as _lockstep_v1_EngineInfo, EngineInfo__Output as _lockstep_v1_EngineInfo__Output } from './lockstep/v1/EngineInfo.js';
import type { HeartbeatRequest as _lockstep_v1_HeartbeatRequest, HeartbeatRequest__Output as _lockstep_v1_HeartbeatRequest__Output } from './lockstep/v1/HeartbeatRequest.js';
import type { HeartbeatResponse as _lockstep_v1_HeartbeatResponse, HeartbeatResponse__Output as _lockstep_v1_HeartbeatResponse__Output } from './lockstep/v1/HeartbeatResponse.js';
import type { JoinRequest as _lockstep_v1_JoinRequest, JoinRequest__Output as _lockstep_v1_JoinRequest__Output } from './lockstep/v1/JoinRequest.js';
import type { JoinResponse as _lockstep_v1_JoinResponse, JoinResponse__Output as _lockstep_v1_JoinResponse__Output } from './lockstep/v1/JoinResponse.js';
import type { ListWorkersRequest as _lockstep_v1_ListWorkersRequest, ListWorkersRequest__Output as _lockstep_v1_ListWorkersRequest__Output } from './lockstep/v1/ListWorkersRequest.js';
import type { ListWorkersResponse as _lockstep_v1_ListWorkersResponse, ListWorkersResponse__Output as _lockstep_v1_ListWorkersResponse__Output } from './lockstep/v1/ListWorkersResponse.js';
import type { MembershipServiceClient as _lockstep_v1_MembershipServiceClient, MembershipServiceDefinition as _lockstep_v1_MembershipServiceDefinition } from './lockstep/v1/MembershipService.js';
import type { NatsAddress as _lockstep_v1_NatsAddress, NatsAddress__Output as _lockstep_v1_NatsAddress__Output } from './lockstep/v1/NatsAddress.js';
import type { NatsUser as _lockstep_v1_NatsUser, NatsUser__Output as _lockstep_v1_NatsUser__Output } from './lockstep/v1/NatsUser.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  lockstep: {
    v1: {
      Activity: MessageTypeDefinition<_lockstep_v1_Activity, _lockstep_v1_Activity__Output>
      /**
       * What a cluster consists of, for people and dashboards.
       */
      ClusterService: SubtypeConstructor<typeof grpc.Client, _lockstep_v1_ClusterServiceClient> & { service: _lockstep_v1_ClusterServiceDefinition }
      ConnectedWorker: MessageTypeDefinition<_lockstep_v1_ConnectedWorker, _lockstep_v1_ConnectedWorker__Output>
      EngineInfo: MessageTypeDefinition<_lockstep_v1_EngineInfo, _lockstep_v1_EngineInfo__Output>
      HeartbeatRequest: MessageTypeDefinition<_lockstep_v1_HeartbeatRequest, _lockstep_v1_HeartbeatRequest__Output>
      HeartbeatResponse: MessageTypeDefinition<_lockstep_v1_HeartbeatResponse, _lockstep_v1_HeartbeatResponse__Output>
      JoinRequest: MessageTypeDefinition<_lockstep_v1_JoinRequest, _lockstep_v1_JoinRequest__Output>
      JoinResponse: MessageTypeDefinition<_lockstep_v1_JoinResponse, _lockstep_v1_JoinResponse__Output>
      ListWorkersRequest: MessageTypeDefinition<_lockstep_v1_ListWorkersRequest, _lockstep_v1_ListWorkersRequest__Output>
      ListWorkersResponse: MessageTypeDefinition<_lockstep_v1_ListWorkersResponse, _lockstep_v1_ListWorkersResponse__Output>
      /**
       * How a worker becomes part of the cluster and stays in it.
       */
      MembershipService: SubtypeConstructor<typeof grpc.Client, _lockstep_v1_MembershipServiceClient> & { service: _lockstep_v1_MembershipServiceDefinition }
      NatsAddress: MessageTypeDefinition<_lockstep_v1_NatsAddress, _lockstep_v1_NatsAddress__Output>
      NatsUser: MessageTypeDefinition<_lockstep_v1_NatsUser, _lockstep_v1_NatsUser__Output>
    }
  }
}

