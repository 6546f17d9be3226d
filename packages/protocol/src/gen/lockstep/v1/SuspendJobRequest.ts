// Original file: protos/lockstep/v1/jobs.proto


export interface SuspendJobRequest {
  'jobId'?: (string);
  'reason'?: (string);
}

export interface SuspendJobRequest__Output {
  'jobId': (string);
  'reason': (string);
}
