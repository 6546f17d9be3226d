// Original file: protos/lockstep/v1/errors.proto


/**
 * An error of the catalogue as it is kept in job records and events.
 */
export interface Failure {
  'code'?: (string);
  'message'?: (string);
  'field'?: (string);
  'value'?: (string);
  'fix'?: (string);
}

/**
 * An error of the catalogue as it is kept in job records and events.
 */
export interface Failure__Output {
  'code': (string);
  'message': (string);
  'field': (string);
  'value': (string);
  'fix': (string);
}
