/** The gradient is transposed back. */
import { attribute, intsAttribute } from '../../graph/attribute.js';
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Transpose. */
export const transposeGradient: GradientRule = {
  op: 'Transpose',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const order = intsAttribute(node, 'perm');
    if (!order) return [builder.node('Transpose', [gradient])];
    const back = order.map((_, axis) => order.indexOf(axis));
    return [builder.node('Transpose', [gradient], { perm: attribute.ints(back) })];
  },
};
