/** The gradient passes through. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Identity. */
export const identityGradient: GradientRule = {
  op: 'Identity',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    return [context.gradient];
  },
};
