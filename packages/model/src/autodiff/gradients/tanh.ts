/** d tanh(a) = (1 - tanh(a)^2) da. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET, scalarLike } from '../gradient-rule.js';

/** Gradient of Tanh. */
export const tanhGradient: GradientRule = {
  op: 'Tanh',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const output = node.outputs[0]!;
    const square = builder.node('Mul', [output, output]);
    return [builder.node('Mul', [gradient, builder.node('Sub', [scalarLike(context, output, 1), square])])];
  },
};
