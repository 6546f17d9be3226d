/** d where(c, a, b) = da where c holds, else db. Selected, not multiplied: what was not chosen may be infinite. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET, scalarLike, unbroadcast } from '../gradient-rule.js';

/** Gradient of Where. */
export const whereGradient: GradientRule = {
  op: 'Where',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const [condition, left, right] = node.inputs as [string, string, string];
    const out = context.shape(node.outputs[0]!);
    const zero = scalarLike(context, left, 0);
    return [
      null,
      context.wants(1) ? unbroadcast(context, builder.node('Where', [condition, gradient, zero]), out, left) : null,
      context.wants(2) ? unbroadcast(context, builder.node('Where', [condition, zero, gradient]), out, right) : null,
    ];
  },
};
