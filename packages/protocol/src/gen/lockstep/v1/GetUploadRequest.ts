// Original file: protos/lockstep/v1/jobs.proto


export interface GetUploadRequest {
  'sha256'?: (string);
}

export interface GetUploadRequest__Output {
  'sha256': (string);
}
