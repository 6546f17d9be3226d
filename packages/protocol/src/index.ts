/** What coordinator, workers and clients agree on. */

export type { NatsConnection } from '@nats-io/transport-node';
export {
  ALIGNMENT_ELEMENTS,
  type AssemblerOptions,
  addFloat32,
  alignedRanges,
  batchRows,
  CATALOGUE,
  type CatalogueEntry,
  type ChunkHeader,
  type ChunkOutcome,
  type Crc32,
  canonicalParameterBytes,
  chunkRanges,
  cos,
  cutLane,
  DEFAULT_WINDOW_ROWS,
  decodeShard,
  type EpochOrderOptions,
  type ErrorCode,
  type ErrorContext,
  type ErrorProblem,
  encodeShard,
  epochOrder,
  exp,
  frameRanges,
  isEmptyLane,
  type LaneRange,
  LockstepError,
  layoutParameters,
  log,
  MAX_FRAME_BYTES,
  ParameterAssembler,
  type ParameterLayout,
  permutation,
  philox4x32,
  RandomPurpose,
  RandomStream,
  ReductionTree,
  ROWS_PER_SHARD,
  type RowRange,
  SAMPLER_V1,
  type Shard,
  type ShardColumn,
  sin,
  stepsPerEpoch,
  type TensorLayout,
  tensorView,
  versionDigest,
} from './core/index.js';
export type { Activity, Activity__Output } from './gen/lockstep/v1/Activity.js';
export type { Artifact, Artifact__Output } from './gen/lockstep/v1/Artifact.js';
export type { Bye, Bye__Output } from './gen/lockstep/v1/Bye.js';
export type { CancelJobRequest, CancelJobRequest__Output } from './gen/lockstep/v1/CancelJobRequest.js';
export type { CancelJobResponse, CancelJobResponse__Output } from './gen/lockstep/v1/CancelJobResponse.js';
export type { ChunkResult, ChunkResult__Output } from './gen/lockstep/v1/ChunkResult.js';
export type { ClusterServiceDefinition, ClusterServiceHandlers } from './gen/lockstep/v1/ClusterService.js';
export type { ConnectedWorker, ConnectedWorker__Output } from './gen/lockstep/v1/ConnectedWorker.js';
export type { DownloadModelRequest, DownloadModelRequest__Output } from './gen/lockstep/v1/DownloadModelRequest.js';
export type { DownloadModelResponse, DownloadModelResponse__Output } from './gen/lockstep/v1/DownloadModelResponse.js';
export type { ElementRange, ElementRange__Output } from './gen/lockstep/v1/ElementRange.js';
export type { EngineInfo, EngineInfo__Output } from './gen/lockstep/v1/EngineInfo.js';
export type { EpochEnded, EpochEnded__Output } from './gen/lockstep/v1/EpochEnded.js';
export type { EvaluateCommand, EvaluateCommand__Output } from './gen/lockstep/v1/EvaluateCommand.js';
export type { EvaluationResult, EvaluationResult__Output } from './gen/lockstep/v1/EvaluationResult.js';
export type { EvaluationSource, EvaluationSource__Output } from './gen/lockstep/v1/EvaluationSource.js';
export type { Failure, Failure__Output } from './gen/lockstep/v1/Failure.js';
export type { GetJobRequest, GetJobRequest__Output } from './gen/lockstep/v1/GetJobRequest.js';
export type { GetJobResponse, GetJobResponse__Output } from './gen/lockstep/v1/GetJobResponse.js';
export type { GetParametersRequest, GetParametersRequest__Output } from './gen/lockstep/v1/GetParametersRequest.js';
export type { GetParametersResponse, GetParametersResponse__Output } from './gen/lockstep/v1/GetParametersResponse.js';
export type { GetResidualRequest, GetResidualRequest__Output } from './gen/lockstep/v1/GetResidualRequest.js';
export type { GetResidualResponse, GetResidualResponse__Output } from './gen/lockstep/v1/GetResidualResponse.js';
export type { GetUploadRequest, GetUploadRequest__Output } from './gen/lockstep/v1/GetUploadRequest.js';
export type { GetUploadResponse, GetUploadResponse__Output } from './gen/lockstep/v1/GetUploadResponse.js';
export type { GradientFrame, GradientFrame__Output } from './gen/lockstep/v1/GradientFrame.js';
export type { HeartbeatRequest, HeartbeatRequest__Output } from './gen/lockstep/v1/HeartbeatRequest.js';
export type { HeartbeatResponse, HeartbeatResponse__Output } from './gen/lockstep/v1/HeartbeatResponse.js';
export type { Hello, Hello__Output } from './gen/lockstep/v1/Hello.js';
export type { HostAnswer, HostAnswer__Output } from './gen/lockstep/v1/HostAnswer.js';
export type { HostOffer, HostOffer__Output } from './gen/lockstep/v1/HostOffer.js';
export type { Job, Job__Output } from './gen/lockstep/v1/Job.js';
export type { JobActivity, JobActivity__Output } from './gen/lockstep/v1/JobActivity.js';
export type { JobEnded, JobEnded__Output } from './gen/lockstep/v1/JobEnded.js';
export type { JobEvent, JobEvent__Output } from './gen/lockstep/v1/JobEvent.js';
export type { JobPlan, JobPlan__Output } from './gen/lockstep/v1/JobPlan.js';
export type { JobProgress, JobProgress__Output } from './gen/lockstep/v1/JobProgress.js';
export type { JobReady, JobReady__Output } from './gen/lockstep/v1/JobReady.js';
export type { JobResult, JobResult__Output } from './gen/lockstep/v1/JobResult.js';
export type { JobServiceDefinition, JobServiceHandlers } from './gen/lockstep/v1/JobService.js';
export type { JobState, JobState__Output } from './gen/lockstep/v1/JobState.js';
export type { JoinRequest, JoinRequest__Output } from './gen/lockstep/v1/JoinRequest.js';
export type { JoinResponse, JoinResponse__Output } from './gen/lockstep/v1/JoinResponse.js';
export type { LaneFailed, LaneFailed__Output } from './gen/lockstep/v1/LaneFailed.js';
export type { LaneSums, LaneSums__Output } from './gen/lockstep/v1/LaneSums.js';
export type { ListJobsRequest, ListJobsRequest__Output } from './gen/lockstep/v1/ListJobsRequest.js';
export type { ListJobsResponse, ListJobsResponse__Output } from './gen/lockstep/v1/ListJobsResponse.js';
export type { ListWorkersRequest, ListWorkersRequest__Output } from './gen/lockstep/v1/ListWorkersRequest.js';
export type { ListWorkersResponse, ListWorkersResponse__Output } from './gen/lockstep/v1/ListWorkersResponse.js';
export type { MaskInput, MaskInput__Output } from './gen/lockstep/v1/MaskInput.js';
export type { MembershipServiceDefinition, MembershipServiceHandlers } from './gen/lockstep/v1/MembershipService.js';
export type { NatsAddress, NatsAddress__Output } from './gen/lockstep/v1/NatsAddress.js';
export type { Note, Note__Output } from './gen/lockstep/v1/Note.js';
export type { NoteLevel, NoteLevel__Output } from './gen/lockstep/v1/NoteLevel.js';
export type {
  ParameterLayout as ParameterLayoutMessage,
  ParameterLayout__Output as ParameterLayoutMessage__Output,
} from './gen/lockstep/v1/ParameterLayout.js';
export type { ParameterServiceDefinition, ParameterServiceHandlers } from './gen/lockstep/v1/ParameterService.js';
export type { ParameterTensor, ParameterTensor__Output } from './gen/lockstep/v1/ParameterTensor.js';
export type { Problem, Problem__Output } from './gen/lockstep/v1/Problem.js';
export type { ProcessTime, ProcessTime__Output } from './gen/lockstep/v1/ProcessTime.js';
export type { ReadShardRequest, ReadShardRequest__Output } from './gen/lockstep/v1/ReadShardRequest.js';
export type { ReadShardResponse, ReadShardResponse__Output } from './gen/lockstep/v1/ReadShardResponse.js';
export type { ResidualCommand, ResidualCommand__Output } from './gen/lockstep/v1/ResidualCommand.js';
export type { ResidualFrame, ResidualFrame__Output } from './gen/lockstep/v1/ResidualFrame.js';
export type { Rewound, Rewound__Output } from './gen/lockstep/v1/Rewound.js';
export type { ShardInfo, ShardInfo__Output } from './gen/lockstep/v1/ShardInfo.js';
export type { ShardServiceDefinition, ShardServiceHandlers } from './gen/lockstep/v1/ShardService.js';
export type { SpecFormat, SpecFormat__Output } from './gen/lockstep/v1/SpecFormat.js';
export type { StateChanged, StateChanged__Output } from './gen/lockstep/v1/StateChanged.js';
export type { StepCommand, StepCommand__Output } from './gen/lockstep/v1/StepCommand.js';
export type { StepStalled, StepStalled__Output } from './gen/lockstep/v1/StepStalled.js';
export type { StepsCommitted, StepsCommitted__Output } from './gen/lockstep/v1/StepsCommitted.js';
export type { SubmitJobRequest, SubmitJobRequest__Output } from './gen/lockstep/v1/SubmitJobRequest.js';
export type { SubmitJobResponse, SubmitJobResponse__Output } from './gen/lockstep/v1/SubmitJobResponse.js';
export type { TrainingServiceDefinition, TrainingServiceHandlers } from './gen/lockstep/v1/TrainingService.js';
export type { TrainRequest, TrainRequest__Output } from './gen/lockstep/v1/TrainRequest.js';
export type { TrainResponse, TrainResponse__Output } from './gen/lockstep/v1/TrainResponse.js';
export type { UploadDataRequest, UploadDataRequest__Output } from './gen/lockstep/v1/UploadDataRequest.js';
export type { UploadDataResponse, UploadDataResponse__Output } from './gen/lockstep/v1/UploadDataResponse.js';
export type { ValidateSpecRequest, ValidateSpecRequest__Output } from './gen/lockstep/v1/ValidateSpecRequest.js';
export type { ValidateSpecResponse, ValidateSpecResponse__Output } from './gen/lockstep/v1/ValidateSpecResponse.js';
export type { WatchJobRequest, WatchJobRequest__Output } from './gen/lockstep/v1/WatchJobRequest.js';
export type { WatchJobResponse, WatchJobResponse__Output } from './gen/lockstep/v1/WatchJobResponse.js';
export type { Welcome, Welcome__Output } from './gen/lockstep/v1/Welcome.js';
export type { WorkerActivity, WorkerActivity__Output } from './gen/lockstep/v1/WorkerActivity.js';
export type { WorkerChanged, WorkerChanged__Output } from './gen/lockstep/v1/WorkerChanged.js';
export { Access, type AccessOptions, clientCredentials, readAccess } from './grpc/access.js';
export { channelOptions, type ReadyOptions, waitForReady } from './grpc/channel.js';
export {
  ClusterServiceClient,
  clusterServiceDefinition,
  JobServiceClient,
  jobServiceDefinition,
  MembershipServiceClient,
  membershipServiceDefinition,
  ParameterServiceClient,
  parameterServiceDefinition,
  ShardServiceClient,
  shardServiceDefinition,
  TrainingServiceClient,
  trainingServiceDefinition,
} from './grpc/definitions.js';
export { createGrpcServer, type GrpcServer, type GrpcServerOptions } from './grpc/server.js';
export { MIN_TLS_VERSION } from './grpc/server-window.js';
export { fromServiceError, toServiceError, unary } from './grpc/status.js';
export { Strangers } from './grpc/strangers.js';
export { type TlsContents, TlsFiles, type TlsOptionNames, type TlsPaths } from './grpc/tls-files.js';
export { letHeapGrowFor } from './heap-growth.js';
export { sharedMemory } from './host/provider.js';
export { hostLinkUnavailable, type SharedMemory, type SharedMemoryProvider } from './host/shared-memory.js';
export { PARAMETER_VECTORS, VectorMemory, vectorMemoryBytes } from './host/vector-memory.js';
export { inTurns } from './in-turns.js';
export { MAX_UNWRITTEN_LOG, TLS_POLL_MS } from './limits.js';
export { addressGroup, hostOf, isLoopback } from './loopback.js';
export { machineCores, type UsableCores, usableCores } from './machine-cores.js';
export { machineMemoryBytes } from './machine-memory.js';
export { type NatsAccess, type NatsAccessPaths, readNatsAccess } from './nats/access.js';
export { NatsAccount, type NatsRights, type NatsUser } from './nats/account.js';
export { connectNats, MIN_NATS_VERSION, type NatsOptions } from './nats/connect.js';
export { ParameterPublisher, type Published, type PublisherOptions } from './nats/parameter-publisher.js';
export {
  ParameterReceiver,
  type ReceiverOptions,
  type Refetch,
  type WantedVersion,
} from './nats/parameter-receiver.js';
export { parameterSubject } from './nats/subjects.js';
