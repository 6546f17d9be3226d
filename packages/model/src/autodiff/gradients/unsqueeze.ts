/** The added axes are taken away again. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Unsqueeze. */
export const unsqueezeGradient: GradientRule = {
  op: 'Unsqueeze',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    return [builder.node('Squeeze', [gradient, node.inputs[1]!]), null];
  },
};
