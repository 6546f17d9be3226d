// Original file: protos/lockstep/v1/training.proto


/**
 * What comes with a gradient, summed over its lanes in the reduction tree.
 */
export interface LaneSums {
  /**
   * What the loss is the mean over: the rows, whatever they weigh (float64).
   */
  'denominator'?: (number | string);
  /**
   * Sum of weight times loss, without regularisers (float64).
   */
  'loss'?: (number | string);
  /**
   * Count of right answers (classification) or sum of absolute errors (regression): each row once.
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
   * What the loss is the mean over: the rows, whatever they weigh (float64).
   */
  'denominator': (number);
  /**
   * Sum of weight times loss, without regularisers (float64).
   */
  'loss': (number);
  /**
   * Count of right answers (classification) or sum of absolute errors (regression): each row once.
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
