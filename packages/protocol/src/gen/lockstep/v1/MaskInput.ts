// Original file: protos/lockstep/v1/training.proto


/**
 * One dropout mask that the worker makes and feeds.
 */
export interface MaskInput {
  'input'?: (string);
  /**
   * Position of the layer in the spec's list, part of the random key.
   */
  'layer'?: (number);
  'width'?: (number);
  /**
   * Fraction dropped.
   */
  'rate'?: (number | string);
}

/**
 * One dropout mask that the worker makes and feeds.
 */
export interface MaskInput__Output {
  'input': (string);
  /**
   * Position of the layer in the spec's list, part of the random key.
   */
  'layer': (number);
  'width': (number);
  /**
   * Fraction dropped.
   */
  'rate': (number);
}
