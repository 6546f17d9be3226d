/** d log(1 + exp(a)) = sigmoid(a) da. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Softplus. */
export const softplusGradient: GradientRule = {
  op: 'Softplus',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    return [builder.node('Mul', [gradient, builder.node('Sigmoid', [node.inputs[0]!])])];
  },
};
