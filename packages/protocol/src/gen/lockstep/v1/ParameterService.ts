// Original file: protos/lockstep/v1/parameters.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetParametersRequest as _lockstep_v1_GetParametersRequest, GetParametersRequest__Output as _lockstep_v1_GetParametersRequest__Output } from '../../lockstep/v1/GetParametersRequest.js';
import type { GetParametersResponse as _lockstep_v1_GetParametersResponse, GetParametersResponse__Output as _lockstep_v1_GetParametersResponse__Output } from '../../lockstep/v1/GetParametersResponse.js';
import type { GetResidualRequest as _lockstep_v1_GetResidualRequest, GetResidualRequest__Output as _lockstep_v1_GetResidualRequest__Output } from '../../lockstep/v1/GetResidualRequest.js';
import type { GetResidualResponse as _lockstep_v1_GetResidualResponse, GetResidualResponse__Output as _lockstep_v1_GetResidualResponse__Output } from '../../lockstep/v1/GetResidualResponse.js';

/**
 * Serves parameters that a worker missed on the broadcast.
 */
export interface ParameterServiceClient extends grpc.Client {
  GetParameters(argument: _lockstep_v1_GetParametersRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetParametersResponse__Output>;
  GetParameters(argument: _lockstep_v1_GetParametersRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetParametersResponse__Output>;
  getParameters(argument: _lockstep_v1_GetParametersRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetParametersResponse__Output>;
  getParameters(argument: _lockstep_v1_GetParametersRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetParametersResponse__Output>;
  
  /**
   * What a lane has not sent of its gradients before it was handed out; no message where that is nothing.
   */
  GetResidual(argument: _lockstep_v1_GetResidualRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetResidualResponse__Output>;
  GetResidual(argument: _lockstep_v1_GetResidualRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetResidualResponse__Output>;
  /**
   * What a lane has not sent of its gradients before it was handed out; no message where that is nothing.
   */
  getResidual(argument: _lockstep_v1_GetResidualRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetResidualResponse__Output>;
  getResidual(argument: _lockstep_v1_GetResidualRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_GetResidualResponse__Output>;
  
}

/**
 * Serves parameters that a worker missed on the broadcast.
 */
export interface ParameterServiceHandlers extends grpc.UntypedServiceImplementation {
  GetParameters: grpc.handleServerStreamingCall<_lockstep_v1_GetParametersRequest__Output, _lockstep_v1_GetParametersResponse>;
  
  /**
   * What a lane has not sent of its gradients before it was handed out; no message where that is nothing.
   */
  GetResidual: grpc.handleServerStreamingCall<_lockstep_v1_GetResidualRequest__Output, _lockstep_v1_GetResidualResponse>;
  
}

export interface ParameterServiceDefinition extends grpc.ServiceDefinition {
  GetParameters: MethodDefinition<_lockstep_v1_GetParametersRequest, _lockstep_v1_GetParametersResponse, _lockstep_v1_GetParametersRequest__Output, _lockstep_v1_GetParametersResponse__Output>
  GetResidual: MethodDefinition<_lockstep_v1_GetResidualRequest, _lockstep_v1_GetResidualResponse, _lockstep_v1_GetResidualRequest__Output, _lockstep_v1_GetResidualResponse__Output>
}
