// Original file: protos/lockstep/v1/training.proto


/**
 * Shows that a worker has mapped what it was offered, or says why it has not.
 */
export interface HostAnswer {
  /**
   * What stands at the head of the parameters' memory; empty where it was not mapped.
   */
  'challenge'?: (string);
  /**
   * Memory of the worker with its gradient slots, which begins with the same challenge.
   */
  'gradientsPath'?: (string);
  /**
   * Why the worker uses the network link instead.
   */
  'refusal'?: (string);
}

/**
 * Shows that a worker has mapped what it was offered, or says why it has not.
 */
export interface HostAnswer__Output {
  /**
   * What stands at the head of the parameters' memory; empty where it was not mapped.
   */
  'challenge': (string);
  /**
   * Memory of the worker with its gradient slots, which begins with the same challenge.
   */
  'gradientsPath': (string);
  /**
   * Why the worker uses the network link instead.
   */
  'refusal': (string);
}
