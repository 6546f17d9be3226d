/** The gradient is summed over the axes that were repeated. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET, unbroadcast } from '../gradient-rule.js';

/** Gradient of Expand. */
export const expandGradient: GradientRule = {
  op: 'Expand',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, gradient } = context;
    return [unbroadcast(context, gradient, context.shape(node.outputs[0]!), node.inputs[0]!), null];
  },
};
