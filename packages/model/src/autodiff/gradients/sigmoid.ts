/** d s(a) = s (1 - s) da. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET, scalarLike } from '../gradient-rule.js';

/** Gradient of Sigmoid. */
export const sigmoidGradient: GradientRule = {
  op: 'Sigmoid',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const output = node.outputs[0]!;
    const rest = builder.node('Sub', [scalarLike(context, output, 1), output]);
    return [builder.node('Mul', [gradient, builder.node('Mul', [output, rest])])];
  },
};
