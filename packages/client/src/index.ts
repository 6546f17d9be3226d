/** Typed client of a Lockstep coordinator. */
export type {
  AccessOptions,
  Job__Output,
  JobEvent__Output,
  ListJobsResponse__Output,
  SubmitJobRequest,
  TlsPaths,
  ValidateSpecResponse__Output,
} from '@lockstep/protocol';
export { type ClientOptions, LockstepClient } from './client.js';
export type { UploadedFile } from './upload.js';
