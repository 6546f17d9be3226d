/** d log softmax(a) = da - exp(y) sum(da) along the axis. */
import { attribute, intAttribute } from '../../graph/attribute.js';
import { normaliseAxis } from '../../graph/broadcast.js';
import { FIRST_OPSET, type GradientRule, LATEST_OPSET } from '../gradient-rule.js';

/** Gradient of LogSoftmax. */
export const logSoftmaxGradient: GradientRule = {
  op: 'LogSoftmax',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder, gradient } = context;
    const output = node.outputs[0]!;
    const axis = normaliseAxis(intAttribute(node, 'axis', -1), context.shape(output).length);
    const sum = builder.node('ReduceSum', [gradient, builder.int64s([axis])], { keepdims: attribute.int(1) });
    const share = builder.node('Mul', [builder.node('Exp', [output]), sum]);
    return [builder.node('Sub', [gradient, share])];
  },
};
