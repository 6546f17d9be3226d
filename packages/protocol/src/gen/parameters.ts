import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { ElementRange as _lockstep_v1_ElementRange, ElementRange__Output as _lockstep_v1_ElementRange__Output } from './lockstep/v1/ElementRange.js';
import type { GetParametersRequest as _lockstep_v1_GetParametersRequest, GetParametersRequest__Output as _lockstep_v1_GetParametersRequest__Output } from './lockstep/v1/GetParametersRequest.js';
import type { GetParametersResponse as _lockstep_v1_GetParametersResponse, GetParametersResponse__Output as _lockstep_v1_GetParametersResponse__Output } from './lockstep/v1/GetParametersResponse.js';
import type { GetResidualRequest as _lockstep_v1_GetResidualRequest, GetResidualRequest__Output as _lockstep_v1_GetResidualRequest__Output } from './lockstep/v1/GetResidualRequest.js';
import type { GetResidualResponse as _lockstep_v1_GetResidualResponse, GetResidualResponse__Output as _lockstep_v1_GetResidualResponse__Output } from './lockstep/v1/GetResidualResponse.js';
import type { ParameterLayout as _lockstep_v1_ParameterLayout, ParameterLayout__Output as _lockstep_v1_ParameterLayout__Output } from './lockstep/v1/ParameterLayout.js';
import type { ParameterServiceClient as _lockstep_v1_ParameterServiceClient, ParameterServiceDefinition as _lockstep_v1_ParameterServiceDefinition } from './lockstep/v1/ParameterService.js';
import type { ParameterTensor as _lockstep_v1_ParameterTensor, ParameterTensor__Output as _lockstep_v1_ParameterTensor__Output } from './lockstep/v1/ParameterTensor.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  lockstep: {
    v1: {
      ElementRange: MessageTypeDefinition<_lockstep_v1_ElementRange, _lockstep_v1_ElementRange__Output>
      GetParametersRequest: MessageTypeDefinition<_lockstep_v1_GetParametersRequest, _lockstep_v1_GetParametersRequest__Output>
      GetParametersResponse: MessageTypeDefinition<_lockstep_v1_GetParametersResponse, _lockstep_v1_GetParametersResponse__Output>
      GetResidualRequest: MessageTypeDefinition<_lockstep_v1_GetResidualRequest, _lockstep_v1_GetResidualRequest__Output>
      GetResidualResponse: MessageTypeDefinition<_lockstep_v1_GetResidualResponse, _lockstep_v1_GetResidualResponse__Output>
      ParameterLayout: MessageTypeDefinition<_lockstep_v1_ParameterLayout, _lockstep_v1_ParameterLayout__Output>
      /**
       * Serves parameters that a worker missed on the broadcast.
       */
      ParameterService: SubtypeConstructor<typeof grpc.Client, _lockstep_v1_ParameterServiceClient> & { service: _lockstep_v1_ParameterServiceDefinition }
      ParameterTensor: MessageTypeDefinition<_lockstep_v1_ParameterTensor, _lockstep_v1_ParameterTensor__Output>
    }
  }
}

