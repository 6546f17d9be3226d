// Original file: protos/lockstep/v1/membership.proto


/**
 * A user of a NATS account.
 */
export interface NatsUser {
  /**
   * Token that says what the user may.
   */
  'jwt'?: (string);
  /**
   * Seed of its key.
   */
  'seed'?: (string);
}

/**
 * A user of a NATS account.
 */
export interface NatsUser__Output {
  /**
   * Token that says what the user may.
   */
  'jwt': (string);
  /**
   * Seed of its key.
   */
  'seed': (string);
}
