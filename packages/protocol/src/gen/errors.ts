import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Failure as _lockstep_v1_Failure, Failure__Output as _lockstep_v1_Failure__Output } from './lockstep/v1/Failure.js';
import type { Problem as _lockstep_v1_Problem, Problem__Output as _lockstep_v1_Problem__Output } from './lockstep/v1/Problem.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  lockstep: {
    v1: {
      Failure: MessageTypeDefinition<_lockstep_v1_Failure, _lockstep_v1_Failure__Output>
      Problem: MessageTypeDefinition<_lockstep_v1_Problem, _lockstep_v1_Problem__Output>
    }
  }
}

