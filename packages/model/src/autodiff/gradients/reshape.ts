/** The gradient takes the shape of the input. */
import { type GradientRule, LATEST_OPSET, reshapeLike } from '../gradient-rule.js';

/** Gradient of Reshape. */
export const reshapeGradient: GradientRule = {
  op: 'Reshape',
  opsets: [14, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, gradient } = context;
    return [reshapeLike(context, gradient, node.inputs[0]!), null];
  },
};
