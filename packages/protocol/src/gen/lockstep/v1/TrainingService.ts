// Original file: protos/lockstep/v1/training.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { TrainRequest as _lockstep_v1_TrainRequest, TrainRequest__Output as _lockstep_v1_TrainRequest__Output } from '../../lockstep/v1/TrainRequest.js';
import type { TrainResponse as _lockstep_v1_TrainResponse, TrainResponse__Output as _lockstep_v1_TrainResponse__Output } from '../../lockstep/v1/TrainResponse.js';

/**
 * The step loop: one long-lived stream per worker, dialled by the worker.
 */
export interface TrainingServiceClient extends grpc.Client {
  Train(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_lockstep_v1_TrainRequest, _lockstep_v1_TrainResponse__Output>;
  Train(options?: grpc.CallOptions): grpc.ClientDuplexStream<_lockstep_v1_TrainRequest, _lockstep_v1_TrainResponse__Output>;
  train(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_lockstep_v1_TrainRequest, _lockstep_v1_TrainResponse__Output>;
  train(options?: grpc.CallOptions): grpc.ClientDuplexStream<_lockstep_v1_TrainRequest, _lockstep_v1_TrainResponse__Output>;
  
}

/**
 * The step loop: one long-lived stream per worker, dialled by the worker.
 */
export interface TrainingServiceHandlers extends grpc.UntypedServiceImplementation {
  Train: grpc.handleBidiStreamingCall<_lockstep_v1_TrainRequest__Output, _lockstep_v1_TrainResponse>;
  
}

export interface TrainingServiceDefinition extends grpc.ServiceDefinition {
  Train: MethodDefinition<_lockstep_v1_TrainRequest, _lockstep_v1_TrainResponse, _lockstep_v1_TrainRequest__Output, _lockstep_v1_TrainResponse__Output>
}
