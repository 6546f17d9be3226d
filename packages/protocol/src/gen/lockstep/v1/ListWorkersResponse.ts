// Original file: protos/lockstep/v1/cluster.proto

import type { ConnectedWorker as _lockstep_v1_ConnectedWorker, ConnectedWorker__Output as _lockstep_v1_ConnectedWorker__Output } from '../../lockstep/v1/ConnectedWorker.js';

export interface ListWorkersResponse {
  'workers'?: (_lockstep_v1_ConnectedWorker)[];
  /**
   * Empty at the end of the list.
   */
  'nextPageToken'?: (string);
}

export interface ListWorkersResponse__Output {
  'workers': (_lockstep_v1_ConnectedWorker__Output)[];
  /**
   * Empty at the end of the list.
   */
  'nextPageToken': (string);
}
