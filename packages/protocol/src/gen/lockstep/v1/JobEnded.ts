// Original file: protos/lockstep/v1/training.proto


export interface JobEnded {
  'jobId'?: (string);
  'reason'?: (string);
}

export interface JobEnded__Output {
  'jobId': (string);
  'reason': (string);
}
