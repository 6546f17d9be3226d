// Original file: protos/lockstep/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

export interface WatchJobRequest {
  'jobId'?: (string);
  /**
   * Events up to this sequence are left out.
   */
  'afterSequence'?: (number | string | Long);
  /**
   * Ends the stream after the events that there are, also where the job has not ended.
   */
  'untilNow'?: (boolean);
}

export interface WatchJobRequest__Output {
  'jobId': (string);
  /**
   * Events up to this sequence are left out.
   */
  'afterSequence': (number);
  /**
   * Ends the stream after the events that there are, also where the job has not ended.
   */
  'untilNow': (boolean);
}
