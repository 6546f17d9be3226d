// Original file: protos/lockstep/v1/jobs.proto


export interface WorkerChanged {
  'workerId'?: (string);
  'slot'?: (number);
  /**
   * "joined", "ready", "lost", "left" or "spare".
   */
  'change'?: (string);
  'reason'?: (string);
}

export interface WorkerChanged__Output {
  'workerId': (string);
  'slot': (number);
  /**
   * "joined", "ready", "lost", "left" or "spare".
   */
  'change': (string);
  'reason': (string);
}
