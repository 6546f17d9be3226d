// Original file: protos/lockstep/v1/training.proto


/**
 * Memory of the coordinator that a worker of the same machine may map instead of receiving parameters.
 */
export interface HostOffer {
  /**
   * Opened for reading: two vectors, version v in number v mod 2.
   */
  'parametersPath'?: (string);
  /**
   * Vectors that the worker makes room for in memory of its own.
   */
  'gradientSlots'?: (number);
}

/**
 * Memory of the coordinator that a worker of the same machine may map instead of receiving parameters.
 */
export interface HostOffer__Output {
  /**
   * Opened for reading: two vectors, version v in number v mod 2.
   */
  'parametersPath': (string);
  /**
   * Vectors that the worker makes room for in memory of its own.
   */
  'gradientSlots': (number);
}
