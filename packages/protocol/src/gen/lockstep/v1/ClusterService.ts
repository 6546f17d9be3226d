// Original file: protos/lockstep/v1/cluster.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ListWorkersRequest as _lockstep_v1_ListWorkersRequest, ListWorkersRequest__Output as _lockstep_v1_ListWorkersRequest__Output } from '../../lockstep/v1/ListWorkersRequest.js';
import type { ListWorkersResponse as _lockstep_v1_ListWorkersResponse, ListWorkersResponse__Output as _lockstep_v1_ListWorkersResponse__Output } from '../../lockstep/v1/ListWorkersResponse.js';

/**
 * What a cluster consists of, for people and dashboards.
 */
export interface ClusterServiceClient extends grpc.Client {
  /**
   * Connected workers that may work for jobs which the caller sees, by id.
   */
  ListWorkers(argument: _lockstep_v1_ListWorkersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ListWorkersResponse__Output>): grpc.ClientUnaryCall;
  ListWorkers(argument: _lockstep_v1_ListWorkersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_ListWorkersResponse__Output>): grpc.ClientUnaryCall;
  ListWorkers(argument: _lockstep_v1_ListWorkersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ListWorkersResponse__Output>): grpc.ClientUnaryCall;
  ListWorkers(argument: _lockstep_v1_ListWorkersRequest, callback: grpc.requestCallback<_lockstep_v1_ListWorkersResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Connected workers that may work for jobs which the caller sees, by id.
   */
  listWorkers(argument: _lockstep_v1_ListWorkersRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ListWorkersResponse__Output>): grpc.ClientUnaryCall;
  listWorkers(argument: _lockstep_v1_ListWorkersRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_ListWorkersResponse__Output>): grpc.ClientUnaryCall;
  listWorkers(argument: _lockstep_v1_ListWorkersRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ListWorkersResponse__Output>): grpc.ClientUnaryCall;
  listWorkers(argument: _lockstep_v1_ListWorkersRequest, callback: grpc.requestCallback<_lockstep_v1_ListWorkersResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * What a cluster consists of, for people and dashboards.
 */
export interface ClusterServiceHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Connected workers that may work for jobs which the caller sees, by id.
   */
  ListWorkers: grpc.handleUnaryCall<_lockstep_v1_ListWorkersRequest__Output, _lockstep_v1_ListWorkersResponse>;
  
}

export interface ClusterServiceDefinition extends grpc.ServiceDefinition {
  ListWorkers: MethodDefinition<_lockstep_v1_ListWorkersRequest, _lockstep_v1_ListWorkersResponse, _lockstep_v1_ListWorkersRequest__Output, _lockstep_v1_ListWorkersResponse__Output>
}
