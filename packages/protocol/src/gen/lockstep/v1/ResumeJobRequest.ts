// Original file: protos/lockstep/v1/jobs.proto


export interface ResumeJobRequest {
  'jobId'?: (string);
}

export interface ResumeJobRequest__Output {
  'jobId': (string);
}
