/** The axes that were taken away come back. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Squeeze. */
export const squeezeGradient: GradientRule = {
  op: 'Squeeze',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const [input, given] = node.inputs as [string, string?];
    const axes = given || builder.int64s(context.shape(input).flatMap((size, axis) => (size === 1 ? [axis] : [])));
    return [builder.node('Unsqueeze', [gradient, axes]), null];
  },
};
