/** d(-a) = -da. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Neg. */
export const negGradient: GradientRule = {
  op: 'Neg',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    return [context.builder.node('Neg', [context.gradient])];
  },
};
