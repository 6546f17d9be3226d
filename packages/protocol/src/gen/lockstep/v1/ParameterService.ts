// Original file: protos/lockstep/v1/parameters.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetParametersRequest as _lockstep_v1_GetParametersRequest, GetParametersRequest__Output as _lockstep_v1_GetParametersRequest__Output } from '../../lockstep/v1/GetParametersRequest.js';
import type { GetParametersResponse as _lockstep_v1_GetParametersResponse, GetParametersResponse__Output as _lockstep_v1_GetParametersResponse__Output } from '../../lockstep/v1/GetParametersResponse.js';

/**
 * Serves parameters that a worker missed on the broadcast.
 */
export interface ParameterServiceClient extends grpc.Client {
  GetParameters(argument: _lockstep_v1_GetParametersRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetParametersResponse__Output>;
  GetParameters(argument: _lockstep_v1_GetParametersRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetParametersResponse__Output>;
  getParameters(argument: _lockstep_v1_GetParametersRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetParametersResponse__Output>;
  getParameters(argument: _lockstep_v1_GetParametersRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetParametersResponse__Output>;
  
}

/**
 * Serves parameters that a worker missed on the broadcast.
 */
export interface ParameterServiceHandlers extends grpc.UntypedServiceImplementation {
  GetParameters: grpc.handleServerStreamingCall<_lockstep_v1_GetParametersRequest__Output, _lockstep_v1_GetParametersResponse>;
  
}

export interface ParameterServiceDefinition extends grpc.ServiceDefinition {
  GetParameters: MethodDefinition<_lockstep_v1_GetParametersRequest, _lockstep_v1_GetParametersResponse, _lockstep_v1_GetParametersRequest__Output, _lockstep_v1_GetParametersResponse__Output>
}
