// Original file: protos/lockstep/v1/training.proto


/**
 * What comes with a gradient, summed over its lanes in the reduction tree.
 */
export interface LaneSums {
  /**
   * Sum of the sample weights (float64).
   */
  'denominator'?: (number | string);
  /**
   * Sum of weight times loss, without regularisers (float64).
   */
  'loss'?: (number | string);
  /**
   * Weighted count of right answers (classification) or sum of weighted absolute errors (regression).
   */
  'metric'?: (number | string);
  'rows'?: (number);
  /**
   * Non-gradient state such as batch-norm statistics, in the plan's order.
   */
  'state'?: (number | string)[];
  'computeSeconds'?: (number | string);
  'waitParametersSeconds'?: (number | string);
}

/**
 * What comes with a gradient, summed over its lanes in the reduction tree.
 */
export interface LaneSums__Output {
  /**
   * Sum of the sample weights (float64).
   */
  'denominator': (number);
  /**
   * Sum of weight times loss, without regularisers (float64).
   */
  'loss': (number);
  /**
   * Weighted count of right answers (classification) or sum of weighted absolute errors (regression).
   */
  'metric': (number);
  'rows': (number);
  /**
   * Non-gradient state such as batch-norm statistics, in the plan's order.
   */
  'state': (number)[];
  'computeSeconds': (number);
  'waitParametersSeconds': (number);
}
