/** d(a / b) = da / b - (a / b) db / b. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET, unbroadcast } from '../gradient-rule.js';

/** Gradient of Div. */
export const divGradient: GradientRule = {
  op: 'Div',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const quotient = node.outputs[0]!;
    const out = context.shape(quotient);
    const [left, right] = node.inputs as [string, string];
    const scaled = builder.node('Div', [gradient, right]);
    const byRight = (): string => {
      const product = builder.node('Mul', [scaled, quotient]);
      return builder.node('Neg', [unbroadcast(context, product, out, right)]);
    };
    return [context.wants(0) ? unbroadcast(context, scaled, out, left) : null, context.wants(1) ? byRight() : null];
  },
};
