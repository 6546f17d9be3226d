// Original file: protos/lockstep/v1/cluster.proto


export interface ListWorkersRequest {
  /**
   * 0 means 50; more than 500 is taken as 500; negative is refused.
   */
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListWorkersRequest__Output {
  /**
   * 0 means 50; more than 500 is taken as 500; negative is refused.
   */
  'pageSize': (number);
  'pageToken': (string);
}
