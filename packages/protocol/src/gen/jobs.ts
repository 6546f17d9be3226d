import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { CancelJobRequest as _lockstep_v1_CancelJobRequest, CancelJobRequest__Output as _lockstep_v1_CancelJobRequest__Output } from './lockstep/v1/CancelJobRequest.js';
import type { CancelJobResponse as _lockstep_v1_CancelJobResponse, CancelJobResponse__Output as _lockstep_v1_CancelJobResponse__Output } from './lockstep/v1/CancelJobResponse.js';
import type { DeleteJobRequest as _lockstep_v1_DeleteJobRequest, DeleteJobRequest__Output as _lockstep_v1_DeleteJobRequest__Output } from './lockstep/v1/DeleteJobRequest.js';
import type { DeleteJobResponse as _lockstep_v1_DeleteJobResponse, DeleteJobResponse__Output as _lockstep_v1_DeleteJobResponse__Output } from './lockstep/v1/DeleteJobResponse.js';
import type { DownloadModelRequest as _lockstep_v1_DownloadModelRequest, DownloadModelRequest__Output as _lockstep_v1_DownloadModelRequest__Output } from './lockstep/v1/DownloadModelRequest.js';
import type { DownloadModelResponse as _lockstep_v1_DownloadModelResponse, DownloadModelResponse__Output as _lockstep_v1_DownloadModelResponse__Output } from './lockstep/v1/DownloadModelResponse.js';
import type { EpochEnded as _lockstep_v1_EpochEnded, EpochEnded__Output as _lockstep_v1_EpochEnded__Output } from './lockstep/v1/EpochEnded.js';
import type { Failure as _lockstep_v1_Failure, Failure__Output as _lockstep_v1_Failure__Output } from './lockstep/v1/Failure.js';
import type { GetJobRequest as _lockstep_v1_GetJobRequest, GetJobRequest__Output as _lockstep_v1_GetJobRequest__Output } from './lockstep/v1/GetJobRequest.js';
import type { GetJobResponse as _lockstep_v1_GetJobResponse, GetJobResponse__Output as _lockstep_v1_GetJobResponse__Output } from './lockstep/v1/GetJobResponse.js';
import type { GetUploadRequest as _lockstep_v1_GetUploadRequest, GetUploadRequest__Output as _lockstep_v1_GetUploadRequest__Output } from './lockstep/v1/GetUploadRequest.js';
import type { GetUploadResponse as _lockstep_v1_GetUploadResponse, GetUploadResponse__Output as _lockstep_v1_GetUploadResponse__Output } from './lockstep/v1/GetUploadResponse.js';
import type { Job as _lockstep_v1_Job, Job__Output as _lockstep_v1_Job__Output } from './lockstep/v1/Job.js';
import type { JobActivity as _lockstep_v1_JobActivity, JobActivity__Output as _lockstep_v1_JobActivity__Output } from './lockstep/v1/JobActivity.js';
import type { JobEvent as _lockstep_v1_JobEvent, JobEvent__Output as _lockstep_v1_JobEvent__Output } from './lockstep/v1/JobEvent.js';
import type { JobProgress as _lockstep_v1_JobProgress, JobProgress__Output as _lockstep_v1_JobProgress__Output } from './lockstep/v1/JobProgress.js';
import type { JobResult as _lockstep_v1_JobResult, JobResult__Output as _lockstep_v1_JobResult__Output } from './lockstep/v1/JobResult.js';
import type { JobServiceClient as _lockstep_v1_JobServiceClient, JobServiceDefinition as _lockstep_v1_JobServiceDefinition } from './lockstep/v1/JobService.js';
import type { ListJobsRequest as _lockstep_v1_ListJobsRequest, ListJobsRequest__Output as _lockstep_v1_ListJobsRequest__Output } from './lockstep/v1/ListJobsRequest.js';
import type { ListJobsResponse as _lockstep_v1_ListJobsResponse, ListJobsResponse__Output as _lockstep_v1_ListJobsResponse__Output } from './lockstep/v1/ListJobsResponse.js';
import type { Note as _lockstep_v1_Note, Note__Output as _lockstep_v1_Note__Output } from './lockstep/v1/Note.js';
import type { Problem as _lockstep_v1_Problem, Problem__Output as _lockstep_v1_Problem__Output } from './lockstep/v1/Problem.js';
import type { ProcessTime as _lockstep_v1_ProcessTime, ProcessTime__Output as _lockstep_v1_ProcessTime__Output } from './lockstep/v1/ProcessTime.js';
import type { ResumeJobRequest as _lockstep_v1_ResumeJobRequest, ResumeJobRequest__Output as _lockstep_v1_ResumeJobRequest__Output } from './lockstep/v1/ResumeJobRequest.js';
import type { ResumeJobResponse as _lockstep_v1_ResumeJobResponse, ResumeJobResponse__Output as _lockstep_v1_ResumeJobResponse__Output } from './lockstep/v1/ResumeJobResponse.js';
import type { Rewound as _lockstep_v1_Rewound, Rewound__Output as _lockstep_v1_Rewound__Output } from './lockstep/v1/Rewound.js';
import type { StateChanged as _lockstep_v1_StateChanged, StateChanged__Output as _lockstep_v1_StateChanged__Output } from './lockstep/v1/StateChanged.js';
import type { StepStalled as _lockstep_v1_StepStalled, StepStalled__Output as _lockstep_v1_StepStalled__Output } from './lockstep/v1/StepStalled.js';
import type { StepsCommitted as _lockstep_v1_StepsCommitted, StepsCommitted__Output as _lockstep_v1_StepsCommitted__Output } from './lockstep/v1/StepsCommitted.js';
import type { SubmitJobRequest as _lockstep_v1_SubmitJobRequest, SubmitJobRequest__Output as _lockstep_v1_SubmitJobRequest__Output } from './lockstep/v1/SubmitJobRequest.js';
import type { SubmitJobResponse as _lockstep_v1_SubmitJobResponse, SubmitJobResponse__Output as _lockstep_v1_SubmitJobResponse__Output } from './lockstep/v1/SubmitJobResponse.js';
import type { SuspendJobRequest as _lockstep_v1_SuspendJobRequest, SuspendJobRequest__Output as _lockstep_v1_SuspendJobRequest__Output } from './lockstep/v1/SuspendJobRequest.js';
import type { SuspendJobResponse as _lockstep_v1_SuspendJobResponse, SuspendJobResponse__Output as _lockstep_v1_SuspendJobResponse__Output } from './lockstep/v1/SuspendJobResponse.js';
import type { UploadDataRequest as _lockstep_v1_UploadDataRequest, UploadDataRequest__Output as _lockstep_v1_UploadDataRequest__Output } from './lockstep/v1/UploadDataRequest.js';
import type { UploadDataResponse as _lockstep_v1_UploadDataResponse, UploadDataResponse__Output as _lockstep_v1_UploadDataResponse__Output } from './lockstep/v1/UploadDataResponse.js';
import type { ValidateSpecRequest as _lockstep_v1_ValidateSpecRequest, ValidateSpecRequest__Output as _lockstep_v1_ValidateSpecRequest__Output } from './lockstep/v1/ValidateSpecRequest.js';
import type { ValidateSpecResponse as _lockstep_v1_ValidateSpecResponse, ValidateSpecResponse__Output as _lockstep_v1_ValidateSpecResponse__Output } from './lockstep/v1/ValidateSpecResponse.js';
import type { WatchJobRequest as _lockstep_v1_WatchJobRequest, WatchJobRequest__Output as _lockstep_v1_WatchJobRequest__Output } from './lockstep/v1/WatchJobRequest.js';
import type { WatchJobResponse as _lockstep_v1_WatchJobResponse, WatchJobResponse__Output as _lockstep_v1_WatchJobResponse__Output } from './lockstep/v1/WatchJobResponse.js';
import type { WorkerActivity as _lockstep_v1_WorkerActivity, WorkerActivity__Output as _lockstep_v1_WorkerActivity__Output } from './lockstep/v1/WorkerActivity.js';
import type { WorkerChanged as _lockstep_v1_WorkerChanged, WorkerChanged__Output as _lockstep_v1_WorkerChanged__Output } from './lockstep/v1/WorkerChanged.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  lockstep: {
    v1: {
      Artifact: EnumTypeDefinition
      CancelJobRequest: MessageTypeDefinition<_lockstep_v1_CancelJobRequest, _lockstep_v1_CancelJobRequest__Output>
      CancelJobResponse: MessageTypeDefinition<_lockstep_v1_CancelJobResponse, _lockstep_v1_CancelJobResponse__Output>
      DeleteJobRequest: MessageTypeDefinition<_lockstep_v1_DeleteJobRequest, _lockstep_v1_DeleteJobRequest__Output>
      DeleteJobResponse: MessageTypeDefinition<_lockstep_v1_DeleteJobResponse, _lockstep_v1_DeleteJobResponse__Output>
      DownloadModelRequest: MessageTypeDefinition<_lockstep_v1_DownloadModelRequest, _lockstep_v1_DownloadModelRequest__Output>
      DownloadModelResponse: MessageTypeDefinition<_lockstep_v1_DownloadModelResponse, _lockstep_v1_DownloadModelResponse__Output>
      EpochEnded: MessageTypeDefinition<_lockstep_v1_EpochEnded, _lockstep_v1_EpochEnded__Output>
      Failure: MessageTypeDefinition<_lockstep_v1_Failure, _lockstep_v1_Failure__Output>
      GetJobRequest: MessageTypeDefinition<_lockstep_v1_GetJobRequest, _lockstep_v1_GetJobRequest__Output>
      GetJobResponse: MessageTypeDefinition<_lockstep_v1_GetJobResponse, _lockstep_v1_GetJobResponse__Output>
      GetUploadRequest: MessageTypeDefinition<_lockstep_v1_GetUploadRequest, _lockstep_v1_GetUploadRequest__Output>
      GetUploadResponse: MessageTypeDefinition<_lockstep_v1_GetUploadResponse, _lockstep_v1_GetUploadResponse__Output>
      Job: MessageTypeDefinition<_lockstep_v1_Job, _lockstep_v1_Job__Output>
      JobActivity: MessageTypeDefinition<_lockstep_v1_JobActivity, _lockstep_v1_JobActivity__Output>
      JobEvent: MessageTypeDefinition<_lockstep_v1_JobEvent, _lockstep_v1_JobEvent__Output>
      JobProgress: MessageTypeDefinition<_lockstep_v1_JobProgress, _lockstep_v1_JobProgress__Output>
      JobResult: MessageTypeDefinition<_lockstep_v1_JobResult, _lockstep_v1_JobResult__Output>
      /**
       * Submits, follows and ends training jobs.
       */
      JobService: SubtypeConstructor<typeof grpc.Client, _lockstep_v1_JobServiceClient> & { service: _lockstep_v1_JobServiceDefinition }
      JobState: EnumTypeDefinition
      ListJobsRequest: MessageTypeDefinition<_lockstep_v1_ListJobsRequest, _lockstep_v1_ListJobsRequest__Output>
      ListJobsResponse: MessageTypeDefinition<_lockstep_v1_ListJobsResponse, _lockstep_v1_ListJobsResponse__Output>
      Note: MessageTypeDefinition<_lockstep_v1_Note, _lockstep_v1_Note__Output>
      NoteLevel: EnumTypeDefinition
      Problem: MessageTypeDefinition<_lockstep_v1_Problem, _lockstep_v1_Problem__Output>
      ProcessTime: MessageTypeDefinition<_lockstep_v1_ProcessTime, _lockstep_v1_ProcessTime__Output>
      ResumeJobRequest: MessageTypeDefinition<_lockstep_v1_ResumeJobRequest, _lockstep_v1_ResumeJobRequest__Output>
      ResumeJobResponse: MessageTypeDefinition<_lockstep_v1_ResumeJobResponse, _lockstep_v1_ResumeJobResponse__Output>
      Rewound: MessageTypeDefinition<_lockstep_v1_Rewound, _lockstep_v1_Rewound__Output>
      SpecFormat: EnumTypeDefinition
      StateChanged: MessageTypeDefinition<_lockstep_v1_StateChanged, _lockstep_v1_StateChanged__Output>
      StepStalled: MessageTypeDefinition<_lockstep_v1_StepStalled, _lockstep_v1_StepStalled__Output>
      StepsCommitted: MessageTypeDefinition<_lockstep_v1_StepsCommitted, _lockstep_v1_StepsCommitted__Output>
      SubmitJobRequest: MessageTypeDefinition<_lockstep_v1_SubmitJobRequest, _lockstep_v1_SubmitJobRequest__Output>
      SubmitJobResponse: MessageTypeDefinition<_lockstep_v1_SubmitJobResponse, _lockstep_v1_SubmitJobResponse__Output>
      SuspendJobRequest: MessageTypeDefinition<_lockstep_v1_SuspendJobRequest, _lockstep_v1_SuspendJobRequest__Output>
      SuspendJobResponse: MessageTypeDefinition<_lockstep_v1_SuspendJobResponse, _lockstep_v1_SuspendJobResponse__Output>
      UploadDataRequest: MessageTypeDefinition<_lockstep_v1_UploadDataRequest, _lockstep_v1_UploadDataRequest__Output>
      UploadDataResponse: MessageTypeDefinition<_lockstep_v1_UploadDataResponse, _lockstep_v1_UploadDataResponse__Output>
      ValidateSpecRequest: MessageTypeDefinition<_lockstep_v1_ValidateSpecRequest, _lockstep_v1_ValidateSpecRequest__Output>
      ValidateSpecResponse: MessageTypeDefinition<_lockstep_v1_ValidateSpecResponse, _lockstep_v1_ValidateSpecResponse__Output>
      WatchJobRequest: MessageTypeDefinition<_lockstep_v1_WatchJobRequest, _lockstep_v1_WatchJobRequest__Output>
      WatchJobResponse: MessageTypeDefinition<_lockstep_v1_WatchJobResponse, _lockstep_v1_WatchJobResponse__Output>
      WorkerActivity: MessageTypeDefinition<_lockstep_v1_WorkerActivity, _lockstep_v1_WorkerActivity__Output>
      WorkerChanged: MessageTypeDefinition<_lockstep_v1_WorkerChanged, _lockstep_v1_WorkerChanged__Output>
    }
  }
}

