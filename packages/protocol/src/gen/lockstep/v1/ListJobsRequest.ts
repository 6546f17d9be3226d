// Original file: protos/lockstep/v1/jobs.proto


export interface ListJobsRequest {
  /**
   * 0 means 50; more than 500 is taken as 500; negative is refused.
   */
  'pageSize'?: (number);
  /**
   * Empty begins with the newest; else a next_page_token, which holds whatever was submitted or deleted since.
   */
  'pageToken'?: (string);
  /**
   * Empty means all that the caller sees.
   */
  'namespace'?: (string);
}

export interface ListJobsRequest__Output {
  /**
   * 0 means 50; more than 500 is taken as 500; negative is refused.
   */
  'pageSize': (number);
  /**
   * Empty begins with the newest; else a next_page_token, which holds whatever was submitted or deleted since.
   */
  'pageToken': (string);
  /**
   * Empty means all that the caller sees.
   */
  'namespace': (string);
}
