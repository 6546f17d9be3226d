/** The gradient is repeated along the axes that were summed. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';
import { expandReduced } from '../reduction.js';

/** Gradient of ReduceSum. */
export const reduceSumGradient: GradientRule = {
  op: 'ReduceSum',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    return [expandReduced(context, context.gradient), null];
  },
};
