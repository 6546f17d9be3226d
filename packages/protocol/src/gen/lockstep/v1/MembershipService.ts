// Original file: protos/lockstep/v1/membership.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { HeartbeatRequest as _lockstep_v1_HeartbeatRequest, HeartbeatRequest__Output as _lockstep_v1_HeartbeatRequest__Output } from '../../lockstep/v1/HeartbeatRequest.js';
import type { HeartbeatResponse as _lockstep_v1_HeartbeatResponse, HeartbeatResponse__Output as _lockstep_v1_HeartbeatResponse__Output } from '../../lockstep/v1/HeartbeatResponse.js';
import type { JoinRequest as _lockstep_v1_JoinRequest, JoinRequest__Output as _lockstep_v1_JoinRequest__Output } from '../../lockstep/v1/JoinRequest.js';
import type { JoinResponse as _lockstep_v1_JoinResponse, JoinResponse__Output as _lockstep_v1_JoinResponse__Output } from '../../lockstep/v1/JoinResponse.js';

/**
 * How a worker becomes part of the cluster and stays in it.
 */
export interface MembershipServiceClient extends grpc.Client {
  Heartbeat(argument: _lockstep_v1_HeartbeatRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_HeartbeatResponse__Output>): grpc.ClientUnaryCall;
  Heartbeat(argument: _lockstep_v1_HeartbeatRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_HeartbeatResponse__Output>): grpc.ClientUnaryCall;
  Heartbeat(argument: _lockstep_v1_HeartbeatRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_HeartbeatResponse__Output>): grpc.ClientUnaryCall;
  Heartbeat(argument: _lockstep_v1_HeartbeatRequest, callback: grpc.requestCallback<_lockstep_v1_HeartbeatResponse__Output>): grpc.ClientUnaryCall;
  heartbeat(argument: _lockstep_v1_HeartbeatRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_HeartbeatResponse__Output>): grpc.ClientUnaryCall;
  heartbeat(argument: _lockstep_v1_HeartbeatRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_HeartbeatResponse__Output>): grpc.ClientUnaryCall;
  heartbeat(argument: _lockstep_v1_HeartbeatRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_HeartbeatResponse__Output>): grpc.ClientUnaryCall;
  heartbeat(argument: _lockstep_v1_HeartbeatRequest, callback: grpc.requestCallback<_lockstep_v1_HeartbeatResponse__Output>): grpc.ClientUnaryCall;
  
  Join(argument: _lockstep_v1_JoinRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _lockstep_v1_JoinRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _lockstep_v1_JoinRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _lockstep_v1_JoinRequest, callback: grpc.requestCallback<_lockstep_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _lockstep_v1_JoinRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _lockstep_v1_JoinRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _lockstep_v1_JoinRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _lockstep_v1_JoinRequest, callback: grpc.requestCallback<_lockstep_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * How a worker becomes part of the cluster and stays in it.
 */
export interface MembershipServiceHandlers extends grpc.UntypedServiceImplementation {
  Heartbeat: grpc.handleUnaryCall<_lockstep_v1_HeartbeatRequest__Output, _lockstep_v1_HeartbeatResponse>;
  
  Join: grpc.handleUnaryCall<_lockstep_v1_JoinRequest__Output, _lockstep_v1_JoinResponse>;
  
}

export interface MembershipServiceDefinition extends grpc.ServiceDefinition {
  Heartbeat: MethodDefinition<_lockstep_v1_HeartbeatRequest, _lockstep_v1_HeartbeatResponse, _lockstep_v1_HeartbeatRequest__Output, _lockstep_v1_HeartbeatResponse__Output>
  Join: MethodDefinition<_lockstep_v1_JoinRequest, _lockstep_v1_JoinResponse, _lockstep_v1_JoinRequest__Output, _lockstep_v1_JoinResponse__Output>
}
