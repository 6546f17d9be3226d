/** d|a| = sign(a) da, 0 at 0. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Abs. */
export const absGradient: GradientRule = {
  op: 'Abs',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    return [builder.node('Mul', [gradient, builder.node('Sign', [node.inputs[0]!])])];
  },
};
