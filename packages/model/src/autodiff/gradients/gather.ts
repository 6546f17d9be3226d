/** Each element of the data gets the sum of the gradients of the places that it was gathered to. */
import { attribute, intAttribute } from '../../graph/attribute.js';
import { normaliseAxis } from '../../graph/broadcast.js';
import type { Dimension } from '../../graph/graph.js';
import { type GradientContext, type GradientRule, LATEST_OPSET, scalarLike } from '../gradient-rule.js';

/** Zeros of the shape of a value. */
function zerosLike(context: GradientContext, value: string): string {
  const { builder } = context;
  const shape = context.shape(value);
  const target = shape.every((size) => typeof size === 'number')
    ? builder.int64s(shape, 'shape')
    : builder.node('Shape', [value]);
  return builder.node('Expand', [scalarLike(context, value, 0), target]);
}

/** The gradient with the axes of the indices made one, which becomes `axis`. */
function flatten(context: GradientContext, data: readonly Dimension[], rank: number, axis: number): string {
  const { builder, gradient, node } = context;
  if (rank === 1) return gradient;
  if (rank === 0) return builder.node('Unsqueeze', [gradient, builder.int64s([axis])]);
  const sizes = data.map((size, place) => (place === axis ? -1 : size));
  if (sizes.every((size) => typeof size === 'number' && size !== 0)) {
    return builder.node('Reshape', [gradient, builder.int64s(sizes as number[], 'shape')]);
  }
  const shape = builder.node('Shape', [node.inputs[0]!]);
  const count = builder.node('ReduceProd', [builder.node('Shape', [node.inputs[1]!])], { keepdims: attribute.int(1) });
  const part = (start: number, end: number): string =>
    builder.node('Slice', [shape, ...[[start], [end]].map((value) => builder.int64s(value, 'part'))]);
  const parts = [part(0, axis), count, part(axis + 1, data.length)];
  const target = builder.node('Concat', parts, { axis: attribute.int(0) });
  return builder.node('Reshape', [gradient, target], { allowzero: attribute.int(1) });
}

/** Gradient of Gather. ONNX Runtime adds one after the other on the CPU; other providers may add in any order. */
export const gatherGradient: GradientRule = {
  op: 'Gather',
  opsets: [16, LATEST_OPSET],
  outcome: 'rule',
  gradients: (context) => {
    const { node, builder } = context;
    const [data, indices] = node.inputs as [string, string];
    const shape = context.shape(data);
    const axis = normaliseAxis(intAttribute(node, 'axis', 0), shape.length);
    const updates = flatten(context, shape, context.shape(indices).length, axis);
    const column = shape.map((_, place) => (place === axis ? -1 : 1));
    const places = builder.node('Reshape', [indices, builder.int64s(column, 'shape')]);
    const spread = shape.length === 1 ? places : builder.node('Expand', [places, builder.node('Shape', [updates])]);
    const sum = builder.node('ScatterElements', [zerosLike(context, data), spread, updates], {
      axis: attribute.int(axis),
      reduction: attribute.string('add'),
    });
    return [sum, null];
  },
};
