/** d softmax(a) = y (da - sum(y da)) along the axis. */
import { attribute, intAttribute } from '../../graph/attribute.js';
import { normaliseAxis } from '../../graph/broadcast.js';
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of Softmax. */
export const softmaxGradient: GradientRule = {
  op: 'Softmax',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const output = node.outputs[0]!;
    const axis = normaliseAxis(intAttribute(node, 'axis', -1), context.shape(output).length);
    const weighted = builder.node('Mul', [gradient, output]);
    const sum = builder.node('ReduceSum', [weighted, builder.int64s([axis])], { keepdims: attribute.int(1) });
    return [builder.node('Mul', [output, builder.node('Sub', [gradient, sum])])];
  },
};
