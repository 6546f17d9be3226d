/** d log(a) = da / a. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Log. */
export const logGradient: GradientRule = {
  op: 'Log',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    return [builder.node('Div', [gradient, node.inputs[0]!])];
  },
};
