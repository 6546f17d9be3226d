/** d(a - b) = da - db. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET, unbroadcast } from '../gradient-rule.js';

/** Gradient of Sub. */
export const subGradient: GradientRule = {
  op: 'Sub',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const out = context.shape(node.outputs[0]!);
    const [left, right] = node.inputs as [string, string];
    return [
      context.wants(0) ? unbroadcast(context, gradient, out, left) : null,
      context.wants(1) ? builder.node('Neg', [unbroadcast(context, gradient, out, right)]) : null,
    ];
  },
};
