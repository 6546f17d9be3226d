/** Typed client of a Lockstep coordinator. */
export type {
  AccessOptions,
  ConnectedWorker__Output,
  Job__Output,
  JobActivity__Output,
  JobEvent__Output,
  ListJobsResponse__Output,
  ListWorkersResponse__Output,
  StepStalled__Output,
  SubmitJobRequest,
  TlsPaths,
  ValidateSpecResponse__Output,
} from '@lockstep/protocol';
export { type ClientOptions, LockstepClient } from './client.js';
export type { UploadedFile } from './upload.js';
