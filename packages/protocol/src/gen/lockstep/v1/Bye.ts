// Original file: protos/lockstep/v1/training.proto


/**
 * Orderly end of the stream, sent before it is closed.
 */
export interface Bye {
  'reason'?: (string);
}

/**
 * Orderly end of the stream, sent before it is closed.
 */
export interface Bye__Output {
  'reason': (string);
}
