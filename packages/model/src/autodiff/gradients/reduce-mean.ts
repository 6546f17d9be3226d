/** The gradient is repeated along the axes and divided by their size. */
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';
import { expandReduced, reducedCount } from '../reduction.js';

/** Gradient of ReduceMean. */
export const reduceMeanGradient: GradientRule = {
  op: 'ReduceMean',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const divided = context.builder.node('Div', [context.gradient, reducedCount(context)]);
    return [expandReduced(context, divided), null];
  },
};
