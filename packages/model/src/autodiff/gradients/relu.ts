/** d relu(a) = da where a > 0, else 0. */
import { FIRST_OPSET, type GradientRule, keepWhere, LATEST_OPSET, scalarLike } from '../gradient-rule.js';

/** Gradient of Relu. */
export const reluGradient: GradientRule = {
  op: 'Relu',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const output = context.node.outputs[0]!;
    return [keepWhere(context, context.builder.node('Greater', [output, scalarLike(context, output, 0)]))];
  },
};
