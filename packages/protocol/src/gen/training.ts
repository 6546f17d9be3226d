import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { Activity as _lockstep_v1_Activity, Activity__Output as _lockstep_v1_Activity__Output } from './lockstep/v1/Activity.js';
import type { Bye as _lockstep_v1_Bye, Bye__Output as _lockstep_v1_Bye__Output } from './lockstep/v1/Bye.js';
import type { ChunkResult as _lockstep_v1_ChunkResult, ChunkResult__Output as _lockstep_v1_ChunkResult__Output } from './lockstep/v1/ChunkResult.js';
import type { ElementRange as _lockstep_v1_ElementRange, ElementRange__Output as _lockstep_v1_ElementRange__Output } from './lockstep/v1/ElementRange.js';
import type { EngineInfo as _lockstep_v1_EngineInfo, EngineInfo__Output as _lockstep_v1_EngineInfo__Output } from './lockstep/v1/EngineInfo.js';
import type { EvaluateCommand as _lockstep_v1_EvaluateCommand, EvaluateCommand__Output as _lockstep_v1_EvaluateCommand__Output } from './lockstep/v1/EvaluateCommand.js';
import type { EvaluationResult as _lockstep_v1_EvaluationResult, EvaluationResult__Output as _lockstep_v1_EvaluationResult__Output } from './lockstep/v1/EvaluationResult.js';
import type { Failure as _lockstep_v1_Failure, Failure__Output as _lockstep_v1_Failure__Output } from './lockstep/v1/Failure.js';
import type { GetParametersRequest as _lockstep_v1_GetParametersRequest, GetParametersRequest__Output as _lockstep_v1_GetParametersRequest__Output } from './lockstep/v1/GetParametersRequest.js';
import type { GetParametersResponse as _lockstep_v1_GetParametersResponse, GetParametersResponse__Output as _lockstep_v1_GetParametersResponse__Output } from './lockstep/v1/GetParametersResponse.js';
import type { GetResidualRequest as _lockstep_v1_GetResidualRequest, GetResidualRequest__Output as _lockstep_v1_GetResidualRequest__Output } from './lockstep/v1/GetResidualRequest.js';
import type { GetResidualResponse as _lockstep_v1_GetResidualResponse, GetResidualResponse__Output as _lockstep_v1_GetResidualResponse__Output } from './lockstep/v1/GetResidualResponse.js';
import type { GradientFrame as _lockstep_v1_GradientFrame, GradientFrame__Output as _lockstep_v1_GradientFrame__Output } from './lockstep/v1/GradientFrame.js';
import type { HeartbeatRequest as _lockstep_v1_HeartbeatRequest, HeartbeatRequest__Output as _lockstep_v1_HeartbeatRequest__Output } from './lockstep/v1/HeartbeatRequest.js';
import type { HeartbeatResponse as _lockstep_v1_HeartbeatResponse, HeartbeatResponse__Output as _lockstep_v1_HeartbeatResponse__Output } from './lockstep/v1/HeartbeatResponse.js';
import type { Hello as _lockstep_v1_Hello, Hello__Output as _lockstep_v1_Hello__Output } from './lockstep/v1/Hello.js';
import type { HostAnswer as _lockstep_v1_HostAnswer, HostAnswer__Output as _lockstep_v1_HostAnswer__Output } from './lockstep/v1/HostAnswer.js';
import type { HostOffer as _lockstep_v1_HostOffer, HostOffer__Output as _lockstep_v1_HostOffer__Output } from './lockstep/v1/HostOffer.js';
import type { JobEnded as _lockstep_v1_JobEnded, JobEnded__Output as _lockstep_v1_JobEnded__Output } from './lockstep/v1/JobEnded.js';
import type { JobPlan as _lockstep_v1_JobPlan, JobPlan__Output as _lockstep_v1_JobPlan__Output } from './lockstep/v1/JobPlan.js';
import type { JobReady as _lockstep_v1_JobReady, JobReady__Output as _lockstep_v1_JobReady__Output } from './lockstep/v1/JobReady.js';
import type { JoinRequest as _lockstep_v1_JoinRequest, JoinRequest__Output as _lockstep_v1_JoinRequest__Output } from './lockstep/v1/JoinRequest.js';
import type { JoinResponse as _lockstep_v1_JoinResponse, JoinResponse__Output as _lockstep_v1_JoinResponse__Output } from './lockstep/v1/JoinResponse.js';
import type { LaneFailed as _lockstep_v1_LaneFailed, LaneFailed__Output as _lockstep_v1_LaneFailed__Output } from './lockstep/v1/LaneFailed.js';
import type { LaneSums as _lockstep_v1_LaneSums, LaneSums__Output as _lockstep_v1_LaneSums__Output } from './lockstep/v1/LaneSums.js';
import type { MaskInput as _lockstep_v1_MaskInput, MaskInput__Output as _lockstep_v1_MaskInput__Output } from './lockstep/v1/MaskInput.js';
import type { MembershipServiceClient as _lockstep_v1_MembershipServiceClient, MembershipServiceDefinition as _lockstep_v1_MembershipServiceDefinition } from './lockstep/v1/MembershipService.js';
import type { NatsAddress as _lockstep_v1_NatsAddress, NatsAddress__Output as _lockstep_v1_NatsAddress__Output } from './lockstep/v1/NatsAddress.js';
import type { NatsUser as _lockstep_v1_NatsUser, NatsUser__Output as _lockstep_v1_NatsUser__Output } from './lockstep/v1/NatsUser.js';
import type { ParameterLayout as _lockstep_v1_ParameterLayout, ParameterLayout__Output as _lockstep_v1_ParameterLayout__Output } from './lockstep/v1/ParameterLayout.js';
import type { ParameterServiceClient as _lockstep_v1_ParameterServiceClient, ParameterServiceDefinition as _lockstep_v1_ParameterServiceDefinition } from './lockstep/v1/ParameterService.js';
import type { ParameterTensor as _lockstep_v1_ParameterTensor, ParameterTensor__Output as _lockstep_v1_ParameterTensor__Output } from './lockstep/v1/ParameterTensor.js';
import type { Problem as _lockstep_v1_Problem, Problem__Output as _lockstep_v1_Problem__Output } from './lockstep/v1/Problem.js';
import type { ReadShardRequest as _lockstep_v1_ReadShardRequest, ReadShardRequest__Output as _lockstep_v1_ReadShardRequest__Output } from './lockstep/v1/ReadShardRequest.js';
import type { ReadShardResponse as _lockstep_v1_ReadShardResponse, ReadShardResponse__Output as _lockstep_v1_ReadShardResponse__Output } from './lockstep/v1/ReadShardResponse.js';
import type { ResidualCommand as _lockstep_v1_ResidualCommand, ResidualCommand__Output as _lockstep_v1_ResidualCommand__Output } from './lockstep/v1/ResidualCommand.js';
import type { ResidualFrame as _lockstep_v1_ResidualFrame, ResidualFrame__Output as _lockstep_v1_ResidualFrame__Output } from './lockstep/v1/ResidualFrame.js';
import type { ShardInfo as _lockstep_v1_ShardInfo, ShardInfo__Output as _lockstep_v1_ShardInfo__Output } from './lockstep/v1/ShardInfo.js';
import type { ShardServiceClient as _lockstep_v1_ShardServiceClient, ShardServiceDefinition as _lockstep_v1_ShardServiceDefinition } from './lockstep/v1/ShardService.js';
import type { StepCommand as _lockstep_v1_StepCommand, StepCommand__Output as _lockstep_v1_StepCommand__Output } from './lockstep/v1/StepCommand.js';
import type { TrainRequest as _lockstep_v1_TrainRequest, TrainRequest__Output as _lockstep_v1_TrainRequest__Output } from './lockstep/v1/TrainRequest.js';
import type { TrainResponse as _lockstep_v1_TrainResponse, TrainResponse__Output as _lockstep_v1_TrainResponse__Output } from './lockstep/v1/TrainResponse.js';
import type { TrainingServiceClient as _lockstep_v1_TrainingServiceClient, TrainingServiceDefinition as _lockstep_v1_TrainingServiceDefinition } from './lockstep/v1/TrainingService.js';
import type { Welcome as _lockstep_v1_Welcome, Welcome__Output as _lockstep_v1_Welcome__Output } from './lockstep/v1/Welcome.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  lockstep: {
    v1: {
      Activity: MessageTypeDefinition<_lockstep_v1_Activity, _lockstep_v1_Activity__Output>
      Bye: MessageTypeDefinition<_lockstep_v1_Bye, _lockstep_v1_Bye__Output>
      ChunkResult: MessageTypeDefinition<_lockstep_v1_ChunkResult, _lockstep_v1_ChunkResult__Output>
      ElementRange: MessageTypeDefinition<_lockstep_v1_ElementRange, _lockstep_v1_ElementRange__Output>
      EngineInfo: MessageTypeDefinition<_lockstep_v1_EngineInfo, _lockstep_v1_EngineInfo__Output>
      EvaluateCommand: MessageTypeDefinition<_lockstep_v1_EvaluateCommand, _lockstep_v1_EvaluateCommand__Output>
      EvaluationResult: MessageTypeDefinition<_lockstep_v1_EvaluationResult, _lockstep_v1_EvaluationResult__Output>
      EvaluationSource: EnumTypeDefinition
      Failure: MessageTypeDefinition<_lockstep_v1_Failure, _lockstep_v1_Failure__Output>
      GetParametersRequest: MessageTypeDefinition<_lockstep_v1_GetParametersRequest, _lockstep_v1_GetParametersRequest__Output>
      GetParametersResponse: MessageTypeDefinition<_lockstep_v1_GetParametersResponse, _lockstep_v1_GetParametersResponse__Output>
      GetResidualRequest: MessageTypeDefinition<_lockstep_v1_GetResidualRequest, _lockstep_v1_GetResidualRequest__Output>
      GetResidualResponse: MessageTypeDefinition<_lockstep_v1_GetResidualResponse, _lockstep_v1_GetResidualResponse__Output>
      GradientFrame: MessageTypeDefinition<_lockstep_v1_GradientFrame, _lockstep_v1_GradientFrame__Output>
      HeartbeatRequest: MessageTypeDefinition<_lockstep_v1_HeartbeatRequest, _lockstep_v1_HeartbeatRequest__Output>
      HeartbeatResponse: MessageTypeDefinition<_lockstep_v1_HeartbeatResponse, _lockstep_v1_HeartbeatResponse__Output>
      Hello: MessageTypeDefinition<_lockstep_v1_Hello, _lockstep_v1_Hello__Output>
      HostAnswer: MessageTypeDefinition<_lockstep_v1_HostAnswer, _lockstep_v1_HostAnswer__Output>
      HostOffer: MessageTypeDefinition<_lockstep_v1_HostOffer, _lockstep_v1_HostOffer__Output>
      JobEnded: MessageTypeDefinition<_lockstep_v1_JobEnded, _lockstep_v1_JobEnded__Output>
      JobPlan: MessageTypeDefinition<_lockstep_v1_JobPlan, _lockstep_v1_JobPlan__Output>
      JobReady: MessageTypeDefinition<_lockstep_v1_JobReady, _lockstep_v1_JobReady__Output>
      JoinRequest: MessageTypeDefinition<_lockstep_v1_JoinRequest, _lockstep_v1_JoinRequest__Output>
      JoinResponse: MessageTypeDefinition<_lockstep_v1_JoinResponse, _lockstep_v1_JoinResponse__Output>
      LaneFailed: MessageTypeDefinition<_lockstep_v1_LaneFailed, _lockstep_v1_LaneFailed__Output>
      LaneSums: MessageTypeDefinition<_lockstep_v1_LaneSums, _lockstep_v1_LaneSums__Output>
      MaskInput: MessageTypeDefinition<_lockstep_v1_MaskInput, _lockstep_v1_MaskInput__Output>
      /**
       * How a worker becomes part of the cluster and stays in it.
       */
      MembershipService: SubtypeConstructor<typeof grpc.Client, _lockstep_v1_MembershipServiceClient> & { service: _lockstep_v1_MembershipServiceDefinition }
      NatsAddress: MessageTypeDefinition<_lockstep_v1_NatsAddress, _lockstep_v1_NatsAddress__Output>
      NatsUser: MessageTypeDefinition<_lockstep_v1_NatsUser, _lockstep_v1_NatsUser__Output>
      ParameterLayout: MessageTypeDefinition<_lockstep_v1_ParameterLayout, _lockstep_v1_ParameterLayout__Output>
      /**
       * Serves parameters that a worker missed on the broadcast.
       */
      ParameterService: SubtypeConstructor<typeof grpc.Client, _lockstep_v1_ParameterServiceClient> & { service: _lockstep_v1_ParameterServiceDefinition }
      ParameterTensor: MessageTypeDefinition<_lockstep_v1_ParameterTensor, _lockstep_v1_ParameterTensor__Output>
      Problem: MessageTypeDefinition<_lockstep_v1_Problem, _lockstep_v1_Problem__Output>
      ReadShardRequest: MessageTypeDefinition<_lockstep_v1_ReadShardRequest, _lockstep_v1_ReadShardRequest__Output>
      ReadShardResponse: MessageTypeDefinition<_lockstep_v1_ReadShardResponse, _lockstep_v1_ReadShardResponse__Output>
      ResidualCommand: MessageTypeDefinition<_lockstep_v1_ResidualCommand, _lockstep_v1_ResidualCommand__Output>
      ResidualFrame: MessageTypeDefinition<_lockstep_v1_ResidualFrame, _lockstep_v1_ResidualFrame__Output>
      ShardInfo: MessageTypeDefinition<_lockstep_v1_ShardInfo, _lockstep_v1_ShardInfo__Output>
      /**
       * Hands prepared data to workers.
       */
      ShardService: SubtypeConstructor<typeof grpc.Client, _lockstep_v1_ShardServiceClient> & { service: _lockstep_v1_ShardServiceDefinition }
      StepCommand: MessageTypeDefinition<_lockstep_v1_StepCommand, _lockstep_v1_StepCommand__Output>
      TrainRequest: MessageTypeDefinition<_lockstep_v1_TrainRequest, _lockstep_v1_TrainRequest__Output>
      TrainResponse: MessageTypeDefinition<_lockstep_v1_TrainResponse, _lockstep_v1_TrainResponse__Output>
      /**
       * The step loop: one long-lived stream per worker, dialled by the worker.
       */
      TrainingService: SubtypeConstructor<typeof grpc.Client, _lockstep_v1_TrainingServiceClient> & { service: _lockstep_v1_TrainingServiceDefinition }
      Welcome: MessageTypeDefinition<_lockstep_v1_Welcome, _lockstep_v1_Welcome__Output>
    }
  }
}

