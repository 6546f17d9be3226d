/** d(a + b) = da + db. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET, unbroadcast } from '../gradient-rule.js';

/** Gradient of Add. */
export const addGradient: GradientRule = {
  op: 'Add',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, gradient } = context;
    const out = context.shape(node.outputs[0]!);
    return node.inputs.map((input, index) =>
      context.wants(index) ? unbroadcast(context, gradient, out, input) : null,
    );
  },
};
