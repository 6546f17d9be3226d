/** d exp(a) = exp(a) da. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Exp. */
export const expGradient: GradientRule = {
  op: 'Exp',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    return [builder.node('Mul', [gradient, node.outputs[0]!])];
  },
};
