/** d clip(a) = da where a lies between the bounds, which count as inside, else 0. */
import { FIRST_OPSET, type GradientRule, keepWhere, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Clip. */
export const clipGradient: GradientRule = {
  op: 'Clip',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  limits: 'by its input, not by its bounds',
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder } = context;
    const [input, low, high] = node.inputs as [string, string?, string?];
    if (context.wants(1) || context.wants(2)) throw context.unsupported();
    const above = low ? builder.node('GreaterOrEqual', [input, low]) : null;
    const below = high ? builder.node('LessOrEqual', [input, high]) : null;
    if (above && below) return [keepWhere(context, builder.node('And', [above, below]))];
    const condition = above ?? below;
    return [condition ? keepWhere(context, condition) : context.gradient];
  },
};
