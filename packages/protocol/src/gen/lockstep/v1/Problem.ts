// Original file: protos/lockstep/v1/errors.proto


/**
 * One problem found in a job spec. Positions are 1-based; 0 means unknown.
 */
export interface Problem {
  /**
   * Dotted path of the key, for example "train.optimizer.learningRate".
   */
  'path'?: (string);
  'line'?: (number);
  'column'?: (number);
  /**
   * Code of the error catalogue, for example "SPEC_UNKNOWN_KEY".
   */
  'code'?: (string);
  'message'?: (string);
  /**
   * What to write instead; empty when nothing fits.
   */
  'suggestion'?: (string);
  /**
   * The value found, as text; empty when there is none.
   */
  'value'?: (string);
}

/**
 * One problem found in a job spec. Positions are 1-based; 0 means unknown.
 */
export interface Problem__Output {
  /**
   * Dotted path of the key, for example "train.optimizer.learningRate".
   */
  'path': (string);
  'line': (number);
  'column': (number);
  /**
   * Code of the error catalogue, for example "SPEC_UNKNOWN_KEY".
   */
  'code': (string);
  'message': (string);
  /**
   * What to write instead; empty when nothing fits.
   */
  'suggestion': (string);
  /**
   * The value found, as text; empty when there is none.
   */
  'value': (string);
}
