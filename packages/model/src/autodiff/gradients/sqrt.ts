/** d sqrt(a) = da / (2 sqrt(a)). */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET, scalarLike } from '../gradient-rule.js';

/** Gradient of Sqrt. */
export const sqrtGradient: GradientRule = {
  op: 'Sqrt',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const half = builder.node('Mul', [gradient, scalarLike(context, node.inputs[0]!, 0.5)]);
    return [builder.node('Div', [half, node.outputs[0]!])];
  },
};
