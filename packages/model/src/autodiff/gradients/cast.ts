/** Between float types the gradient is cast back; by way of another type none flows. */
import { castTo, FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Cast. */
export const castGradient: GradientRule = {
  op: 'Cast',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, gradient } = context;
    const from = context.type(node.inputs[0]!);
    return [from === context.type(node.outputs[0]!) ? gradient : castTo(context, gradient, from)];
  },
};
