// Original file: protos/lockstep/v1/jobs.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { CancelJobRequest as _lockstep_v1_CancelJobRequest, CancelJobRequest__Output as _lockstep_v1_CancelJobRequest__Output } from '../../lockstep/v1/CancelJobRequest.js';
import type { CancelJobResponse as _lockstep_v1_CancelJobResponse, CancelJobResponse__Output as _lockstep_v1_CancelJobResponse__Output } from '../../lockstep/v1/CancelJobResponse.js';
import type { DeleteJobRequest as _lockstep_v1_DeleteJobRequest, DeleteJobRequest__Output as _lockstep_v1_DeleteJobRequest__Output } from '../../lockstep/v1/DeleteJobRequest.js';
import type { DeleteJobResponse as _lockstep_v1_DeleteJobResponse, DeleteJobResponse__Output as _lockstep_v1_DeleteJobResponse__Output } from '../../lockstep/v1/DeleteJobResponse.js';
import type { DownloadModelRequest as _lockstep_v1_DownloadModelRequest, DownloadModelRequest__Output as _lockstep_v1_DownloadModelRequest__Output } from '../../lockstep/v1/DownloadModelRequest.js';
import type { DownloadModelResponse as _lockstep_v1_DownloadModelResponse, DownloadModelResponse__Output as _lockstep_v1_DownloadModelResponse__Output } from '../../lockstep/v1/DownloadModelResponse.js';
import type { GetJobRequest as _lockstep_v1_GetJobRequest, GetJobRequest__Output as _lockstep_v1_GetJobRequest__Output } from '../../lockstep/v1/GetJobRequest.js';
import type { GetJobResponse as _lockstep_v1_GetJobResponse, GetJobResponse__Output as _lockstep_v1_GetJobResponse__Output } from '../../lockstep/v1/GetJobResponse.js';
import type { GetUploadRequest as _lockstep_v1_GetUploadRequest, GetUploadRequest__Output as _lockstep_v1_GetUploadRequest__Output } from '../../lockstep/v1/GetUploadRequest.js';
import type { GetUploadResponse as _lockstep_v1_GetUploadResponse, GetUploadResponse__Output as _lockstep_v1_GetUploadResponse__Output } from '../../lockstep/v1/GetUploadResponse.js';
import type { ListJobsRequest as _lockstep_v1_ListJobsRequest, ListJobsRequest__Output as _lockstep_v1_ListJobsRequest__Output } from '../../lockstep/v1/ListJobsRequest.js';
import type { ListJobsResponse as _lockstep_v1_ListJobsResponse, ListJobsResponse__Output as _lockstep_v1_ListJobsResponse__Output } from '../../lockstep/v1/ListJobsResponse.js';
import type { ResumeJobRequest as _lockstep_v1_ResumeJobRequest, ResumeJobRequest__Output as _lockstep_v1_ResumeJobRequest__Output } from '../../lockstep/v1/ResumeJobRequest.js';
import type { ResumeJobResponse as _lockstep_v1_ResumeJobResponse, ResumeJobResponse__Output as _lockstep_v1_ResumeJobResponse__Output } from '../../lockstep/v1/ResumeJobResponse.js';
import type { SubmitJobRequest as _lockstep_v1_SubmitJobRequest, SubmitJobRequest__Output as _lockstep_v1_SubmitJobRequest__Output } from '../../lockstep/v1/SubmitJobRequest.js';
import type { SubmitJobResponse as _lockstep_v1_SubmitJobResponse, SubmitJobResponse__Output as _lockstep_v1_SubmitJobResponse__Output } from '../../lockstep/v1/SubmitJobResponse.js';
import type { SuspendJobRequest as _lockstep_v1_SuspendJobRequest, SuspendJobRequest__Output as _lockstep_v1_SuspendJobRequest__Output } from '../../lockstep/v1/SuspendJobRequest.js';
import type { SuspendJobResponse as _lockstep_v1_SuspendJobResponse, SuspendJobResponse__Output as _lockstep_v1_SuspendJobResponse__Output } from '../../lockstep/v1/SuspendJobResponse.js';
import type { UploadDataRequest as _lockstep_v1_UploadDataRequest, UploadDataRequest__Output as _lockstep_v1_UploadDataRequest__Output } from '../../lockstep/v1/UploadDataRequest.js';
import type { UploadDataResponse as _lockstep_v1_UploadDataResponse, UploadDataResponse__Output as _lockstep_v1_UploadDataResponse__Output } from '../../lockstep/v1/UploadDataResponse.js';
import type { ValidateSpecRequest as _lockstep_v1_ValidateSpecRequest, ValidateSpecRequest__Output as _lockstep_v1_ValidateSpecRequest__Output } from '../../lockstep/v1/ValidateSpecRequest.js';
import type { ValidateSpecResponse as _lockstep_v1_ValidateSpecResponse, ValidateSpecResponse__Output as _lockstep_v1_ValidateSpecResponse__Output } from '../../lockstep/v1/ValidateSpecResponse.js';
import type { WatchJobRequest as _lockstep_v1_WatchJobRequest, WatchJobRequest__Output as _lockstep_v1_WatchJobRequest__Output } from '../../lockstep/v1/WatchJobRequest.js';
import type { WatchJobResponse as _lockstep_v1_WatchJobResponse, WatchJobResponse__Output as _lockstep_v1_WatchJobResponse__Output } from '../../lockstep/v1/WatchJobResponse.js';

/**
 * Submits, follows and ends training jobs.
 */
export interface JobServiceClient extends grpc.Client {
  CancelJob(argument: _lockstep_v1_CancelJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_CancelJobResponse__Output>): grpc.ClientUnaryCall;
  CancelJob(argument: _lockstep_v1_CancelJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_CancelJobResponse__Output>): grpc.ClientUnaryCall;
  CancelJob(argument: _lockstep_v1_CancelJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_CancelJobResponse__Output>): grpc.ClientUnaryCall;
  CancelJob(argument: _lockstep_v1_CancelJobRequest, callback: grpc.requestCallback<_lockstep_v1_CancelJobResponse__Output>): grpc.ClientUnaryCall;
  cancelJob(argument: _lockstep_v1_CancelJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_CancelJobResponse__Output>): grpc.ClientUnaryCall;
  cancelJob(argument: _lockstep_v1_CancelJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_CancelJobResponse__Output>): grpc.ClientUnaryCall;
  cancelJob(argument: _lockstep_v1_CancelJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_CancelJobResponse__Output>): grpc.ClientUnaryCall;
  cancelJob(argument: _lockstep_v1_CancelJobRequest, callback: grpc.requestCallback<_lockstep_v1_CancelJobResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Deletes a job that has ended, with its record, events, model and checkpoints.
   */
  DeleteJob(argument: _lockstep_v1_DeleteJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  DeleteJob(argument: _lockstep_v1_DeleteJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  DeleteJob(argument: _lockstep_v1_DeleteJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  DeleteJob(argument: _lockstep_v1_DeleteJobRequest, callback: grpc.requestCallback<_lockstep_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Deletes a job that has ended, with its record, events, model and checkpoints.
   */
  deleteJob(argument: _lockstep_v1_DeleteJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  deleteJob(argument: _lockstep_v1_DeleteJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  deleteJob(argument: _lockstep_v1_DeleteJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  deleteJob(argument: _lockstep_v1_DeleteJobRequest, callback: grpc.requestCallback<_lockstep_v1_DeleteJobResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Streams a file of a job: the model of one that succeeded by default.
   */
  DownloadModel(argument: _lockstep_v1_DownloadModelRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_DownloadModelResponse__Output>;
  DownloadModel(argument: _lockstep_v1_DownloadModelRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_DownloadModelResponse__Output>;
  /**
   * Streams a file of a job: the model of one that succeeded by default.
   */
  downloadModel(argument: _lockstep_v1_DownloadModelRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_DownloadModelResponse__Output>;
  downloadModel(argument: _lockstep_v1_DownloadModelRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_DownloadModelResponse__Output>;
  
  GetJob(argument: _lockstep_v1_GetJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  GetJob(argument: _lockstep_v1_GetJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  GetJob(argument: _lockstep_v1_GetJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  GetJob(argument: _lockstep_v1_GetJobRequest, callback: grpc.requestCallback<_lockstep_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  getJob(argument: _lockstep_v1_GetJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  getJob(argument: _lockstep_v1_GetJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  getJob(argument: _lockstep_v1_GetJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  getJob(argument: _lockstep_v1_GetJobRequest, callback: grpc.requestCallback<_lockstep_v1_GetJobResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * How many bytes of a data file the coordinator holds already.
   */
  GetUpload(argument: _lockstep_v1_GetUploadRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_GetUploadResponse__Output>): grpc.ClientUnaryCall;
  GetUpload(argument: _lockstep_v1_GetUploadRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_GetUploadResponse__Output>): grpc.ClientUnaryCall;
  GetUpload(argument: _lockstep_v1_GetUploadRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_GetUploadResponse__Output>): grpc.ClientUnaryCall;
  GetUpload(argument: _lockstep_v1_GetUploadRequest, callback: grpc.requestCallback<_lockstep_v1_GetUploadResponse__Output>): grpc.ClientUnaryCall;
  /**
   * How many bytes of a data file the coordinator holds already.
   */
  getUpload(argument: _lockstep_v1_GetUploadRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_GetUploadResponse__Output>): grpc.ClientUnaryCall;
  getUpload(argument: _lockstep_v1_GetUploadRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_GetUploadResponse__Output>): grpc.ClientUnaryCall;
  getUpload(argument: _lockstep_v1_GetUploadRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_GetUploadResponse__Output>): grpc.ClientUnaryCall;
  getUpload(argument: _lockstep_v1_GetUploadRequest, callback: grpc.requestCallback<_lockstep_v1_GetUploadResponse__Output>): grpc.ClientUnaryCall;
  
  ListJobs(argument: _lockstep_v1_ListJobsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  ListJobs(argument: _lockstep_v1_ListJobsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  ListJobs(argument: _lockstep_v1_ListJobsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  ListJobs(argument: _lockstep_v1_ListJobsRequest, callback: grpc.requestCallback<_lockstep_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  listJobs(argument: _lockstep_v1_ListJobsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  listJobs(argument: _lockstep_v1_ListJobsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  listJobs(argument: _lockstep_v1_ListJobsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  listJobs(argument: _lockstep_v1_ListJobsRequest, callback: grpc.requestCallback<_lockstep_v1_ListJobsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Lets a suspended job go on from its last step, to the same model.
   */
  ResumeJob(argument: _lockstep_v1_ResumeJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ResumeJobResponse__Output>): grpc.ClientUnaryCall;
  ResumeJob(argument: _lockstep_v1_ResumeJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_ResumeJobResponse__Output>): grpc.ClientUnaryCall;
  ResumeJob(argument: _lockstep_v1_ResumeJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ResumeJobResponse__Output>): grpc.ClientUnaryCall;
  ResumeJob(argument: _lockstep_v1_ResumeJobRequest, callback: grpc.requestCallback<_lockstep_v1_ResumeJobResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Lets a suspended job go on from its last step, to the same model.
   */
  resumeJob(argument: _lockstep_v1_ResumeJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ResumeJobResponse__Output>): grpc.ClientUnaryCall;
  resumeJob(argument: _lockstep_v1_ResumeJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_ResumeJobResponse__Output>): grpc.ClientUnaryCall;
  resumeJob(argument: _lockstep_v1_ResumeJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ResumeJobResponse__Output>): grpc.ClientUnaryCall;
  resumeJob(argument: _lockstep_v1_ResumeJobRequest, callback: grpc.requestCallback<_lockstep_v1_ResumeJobResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Takes a job. The same request_id always answers with the same job.
   */
  SubmitJob(argument: _lockstep_v1_SubmitJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  SubmitJob(argument: _lockstep_v1_SubmitJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  SubmitJob(argument: _lockstep_v1_SubmitJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  SubmitJob(argument: _lockstep_v1_SubmitJobRequest, callback: grpc.requestCallback<_lockstep_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Takes a job. The same request_id always answers with the same job.
   */
  submitJob(argument: _lockstep_v1_SubmitJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  submitJob(argument: _lockstep_v1_SubmitJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  submitJob(argument: _lockstep_v1_SubmitJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  submitJob(argument: _lockstep_v1_SubmitJobRequest, callback: grpc.requestCallback<_lockstep_v1_SubmitJobResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Keeps a job's last step and gives its workers to others, until it is resumed.
   */
  SuspendJob(argument: _lockstep_v1_SuspendJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_SuspendJobResponse__Output>): grpc.ClientUnaryCall;
  SuspendJob(argument: _lockstep_v1_SuspendJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_SuspendJobResponse__Output>): grpc.ClientUnaryCall;
  SuspendJob(argument: _lockstep_v1_SuspendJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_SuspendJobResponse__Output>): grpc.ClientUnaryCall;
  SuspendJob(argument: _lockstep_v1_SuspendJobRequest, callback: grpc.requestCallback<_lockstep_v1_SuspendJobResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Keeps a job's last step and gives its workers to others, until it is resumed.
   */
  suspendJob(argument: _lockstep_v1_SuspendJobRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_SuspendJobResponse__Output>): grpc.ClientUnaryCall;
  suspendJob(argument: _lockstep_v1_SuspendJobRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_SuspendJobResponse__Output>): grpc.ClientUnaryCall;
  suspendJob(argument: _lockstep_v1_SuspendJobRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_SuspendJobResponse__Output>): grpc.ClientUnaryCall;
  suspendJob(argument: _lockstep_v1_SuspendJobRequest, callback: grpc.requestCallback<_lockstep_v1_SuspendJobResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Stores a data file under its SHA-256. A first message without bytes asks how much is there already.
   */
  UploadData(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_UploadDataResponse__Output>): grpc.ClientWritableStream<_lockstep_v1_UploadDataRequest>;
  UploadData(metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_UploadDataResponse__Output>): grpc.ClientWritableStream<_lockstep_v1_UploadDataRequest>;
  UploadData(options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_UploadDataResponse__Output>): grpc.ClientWritableStream<_lockstep_v1_UploadDataRequest>;
  UploadData(callback: grpc.requestCallback<_lockstep_v1_UploadDataResponse__Output>): grpc.ClientWritableStream<_lockstep_v1_UploadDataRequest>;
  /**
   * Stores a data file under its SHA-256. A first message without bytes asks how much is there already.
   */
  uploadData(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_UploadDataResponse__Output>): grpc.ClientWritableStream<_lockstep_v1_UploadDataRequest>;
  uploadData(metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_UploadDataResponse__Output>): grpc.ClientWritableStream<_lockstep_v1_UploadDataRequest>;
  uploadData(options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_UploadDataResponse__Output>): grpc.ClientWritableStream<_lockstep_v1_UploadDataRequest>;
  uploadData(callback: grpc.requestCallback<_lockstep_v1_UploadDataResponse__Output>): grpc.ClientWritableStream<_lockstep_v1_UploadDataRequest>;
  
  /**
   * Checks a spec and lists every problem in the answer's body.
   */
  ValidateSpec(argument: _lockstep_v1_ValidateSpecRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ValidateSpecResponse__Output>): grpc.ClientUnaryCall;
  ValidateSpec(argument: _lockstep_v1_ValidateSpecRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_ValidateSpecResponse__Output>): grpc.ClientUnaryCall;
  ValidateSpec(argument: _lockstep_v1_ValidateSpecRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ValidateSpecResponse__Output>): grpc.ClientUnaryCall;
  ValidateSpec(argument: _lockstep_v1_ValidateSpecRequest, callback: grpc.requestCallback<_lockstep_v1_ValidateSpecResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Checks a spec and lists every problem in the answer's body.
   */
  validateSpec(argument: _lockstep_v1_ValidateSpecRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ValidateSpecResponse__Output>): grpc.ClientUnaryCall;
  validateSpec(argument: _lockstep_v1_ValidateSpecRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_lockstep_v1_ValidateSpecResponse__Output>): grpc.ClientUnaryCall;
  validateSpec(argument: _lockstep_v1_ValidateSpecRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_lockstep_v1_ValidateSpecResponse__Output>): grpc.ClientUnaryCall;
  validateSpec(argument: _lockstep_v1_ValidateSpecRequest, callback: grpc.requestCallback<_lockstep_v1_ValidateSpecResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Streams a job's events, from its first or from `after_sequence`, until the job has ended or, with `until_now`, up to
   * the newest one.
   */
  WatchJob(argument: _lockstep_v1_WatchJobRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_WatchJobResponse__Output>;
  WatchJob(argument: _lockstep_v1_WatchJobRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_WatchJobResponse__Output>;
  /**
   * Streams a job's events, from its first or from `after_sequence`, until the job has ended or, with `until_now`, up to
   * the newest one.
   */
  watchJob(argument: _lockstep_v1_WatchJobRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_WatchJobResponse__Output>;
  watchJob(argument: _lockstep_v1_WatchJobRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_lockstep_v1_WatchJobResponse__Output>;
  
}

/**
 * Submits, follows and ends training jobs.
 */
export interface JobServiceHandlers extends grpc.UntypedServiceImplementation {
  CancelJob: grpc.handleUnaryCall<_lockstep_v1_CancelJobRequest__Output, _lockstep_v1_CancelJobResponse>;
  
  /**
   * Deletes a job that has ended, with its record, events, model and checkpoints.
   */
  DeleteJob: grpc.handleUnaryCall<_lockstep_v1_DeleteJobRequest__Output, _lockstep_v1_DeleteJobResponse>;
  
  /**
   * Streams a file of a job: the model of one that succeeded by default.
   */
  DownloadModel: grpc.handleServerStreamingCall<_lockstep_v1_DownloadModelRequest__Output, _lockstep_v1_DownloadModelResponse>;
  
  GetJob: grpc.handleUnaryCall<_lockstep_v1_GetJobRequest__Output, _lockstep_v1_GetJobResponse>;
  
  /**
   * How many bytes of a data file the coordinator holds already.
   */
  GetUpload: grpc.handleUnaryCall<_lockstep_v1_GetUploadRequest__Output, _lockstep_v1_GetUploadResponse>;
  
  ListJobs: grpc.handleUnaryCall<_lockstep_v1_ListJobsRequest__Output, _lockstep_v1_ListJobsResponse>;
  
  /**
   * Lets a suspended job go on from its last step, to the same model.
   */
  ResumeJob: grpc.handleUnaryCall<_lockstep_v1_ResumeJobRequest__Output, _lockstep_v1_ResumeJobResponse>;
  
  /**
   * Takes a job. The same request_id always answers with the same job.
   */
  SubmitJob: grpc.handleUnaryCall<_lockstep_v1_SubmitJobRequest__Output, _lockstep_v1_SubmitJobResponse>;
  
  /**
   * Keeps a job's last step and gives its workers to others, until it is resumed.
   */
  SuspendJob: grpc.handleUnaryCall<_lockstep_v1_SuspendJobRequest__Output, _lockstep_v1_SuspendJobResponse>;
  
  /**
   * Stores a data file under its SHA-256. A first message without bytes asks how much is there already.
   */
  UploadData: grpc.handleClientStreamingCall<_lockstep_v1_UploadDataRequest__Output, _lockstep_v1_UploadDataResponse>;
  
  /**
   * Checks a spec and lists every problem in the answer's body.
   */
  ValidateSpec: grpc.handleUnaryCall<_lockstep_v1_ValidateSpecRequest__Output, _lockstep_v1_ValidateSpecResponse>;
  
  /**
   * Streams a job's events, from its first or from `after_sequence`, until the job has ended or, with `until_now`, up to
   * the newest one.
   */
  WatchJob: grpc.handleServerStreamingCall<_lockstep_v1_WatchJobRequest__Output, _lockstep_v1_WatchJobResponse>;
  
}

export interface JobServiceDefinition extends grpc.ServiceDefinition {
  CancelJob: MethodDefinition<_lockstep_v1_CancelJobRequest, _lockstep_v1_CancelJobResponse, _lockstep_v1_CancelJobRequest__Output, _lockstep_v1_CancelJobResponse__Output>
  DeleteJob: MethodDefinition<_lockstep_v1_DeleteJobRequest, _lockstep_v1_DeleteJobResponse, _lockstep_v1_DeleteJobRequest__Output, _lockstep_v1_DeleteJobResponse__Output>
  DownloadModel: MethodDefinition<_lockstep_v1_DownloadModelRequest, _lockstep_v1_DownloadModelResponse, _lockstep_v1_DownloadModelRequest__Output, _lockstep_v1_DownloadModelResponse__Output>
  GetJob: MethodDefinition<_lockstep_v1_GetJobRequest, _lockstep_v1_GetJobResponse, _lockstep_v1_GetJobRequest__Output, _lockstep_v1_GetJobResponse__Output>
  GetUpload: MethodDefinition<_lockstep_v1_GetUploadRequest, _lockstep_v1_GetUploadResponse, _lockstep_v1_GetUploadRequest__Output, _lockstep_v1_GetUploadResponse__Output>
  ListJobs: MethodDefinition<_lockstep_v1_ListJobsRequest, _lockstep_v1_ListJobsResponse, _lockstep_v1_ListJobsRequest__Output, _lockstep_v1_ListJobsResponse__Output>
  ResumeJob: MethodDefinition<_lockstep_v1_ResumeJobRequest, _lockstep_v1_ResumeJobResponse, _lockstep_v1_ResumeJobRequest__Output, _lockstep_v1_ResumeJobResponse__Output>
  SubmitJob: MethodDefinition<_lockstep_v1_SubmitJobRequest, _lockstep_v1_SubmitJobResponse, _lockstep_v1_SubmitJobRequest__Output, _lockstep_v1_SubmitJobResponse__Output>
  SuspendJob: MethodDefinition<_lockstep_v1_SuspendJobRequest, _lockstep_v1_SuspendJobResponse, _lockstep_v1_SuspendJobRequest__Output, _lockstep_v1_SuspendJobResponse__Output>
  UploadData: MethodDefinition<_lockstep_v1_UploadDataRequest, _lockstep_v1_UploadDataResponse, _lockstep_v1_UploadDataRequest__Output, _lockstep_v1_UploadDataResponse__Output>
  ValidateSpec: MethodDefinition<_lockstep_v1_ValidateSpecRequest, _lockstep_v1_ValidateSpecResponse, _lockstep_v1_ValidateSpecRequest__Output, _lockstep_v1_ValidateSpecResponse__Output>
  WatchJob: MethodDefinition<_lockstep_v1_WatchJobRequest, _lockstep_v1_WatchJobResponse, _lockstep_v1_WatchJobRequest__Output, _lockstep_v1_WatchJobResponse__Output>
}
