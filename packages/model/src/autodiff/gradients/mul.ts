/** d(a b) = b da + a db. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET, unbroadcast } from '../gradient-rule.js';

/** Gradient of Mul. */
export const mulGradient: GradientRule = {
  op: 'Mul',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const out = context.shape(node.outputs[0]!);
    const [left, right] = node.inputs as [string, string];
    return [
      context.wants(0) ? unbroadcast(context, builder.node('Mul', [gradient, right]), out, left) : null,
      context.wants(1) ? unbroadcast(context, builder.node('Mul', [gradient, left]), out, right) : null,
    ];
  },
};
