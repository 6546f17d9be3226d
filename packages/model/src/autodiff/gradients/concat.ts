/** Each input gets its own part of the gradient. */
import { intAttribute } from '../../graph/attribute.js';
import { normaliseAxis } from '../../graph/broadcast.js';
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Concat. */
export const concatGradient: GradientRule = {
  op: 'Concat',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  limits: 'along an axis of fixed sizes',
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const axis = normaliseAxis(intAttribute(node, 'axis', 0), context.shape(node.outputs[0]!).length);
    let end = 0;
    return node.inputs.map((input, index) => {
      const size = context.shape(input)[axis]!;
      if (typeof size === 'string') throw context.unsupported();
      const start = end;
      end += size;
      if (!context.wants(index)) return null;
      return builder.node('Slice', [
        gradient,
        ...[[start], [end], [axis]].map((value) => builder.int64s(value, 'part')),
      ]);
    });
  },
};
