/** Gradients of reductions: repeating along the reduced axes, and counting what was reduced. */
import { attribute, intAttribute, intsAttribute } from '../graph/attribute.js';
import { normaliseAxis } from '../graph/broadcast.js';
import { castTo, type GradientContext, scalarLike } from './gradient-rule.js';

/** Axes that a reduction node went over, counted from the front. None given means all, unless the node says otherwise. */
function reducedAxes({ node, shape, integers }: GradientContext): number[] {
  const rank = shape(node.inputs[0]!).length;
  const given = (node.inputs[1] ? integers(1) : intsAttribute(node, 'axes')) ?? [];
  if (given.length > 0) return given.map((axis) => normaliseAxis(axis, rank));
  if (intAttribute(node, 'noop_with_empty_axes', 0) === 1) return [];
  return Array.from({ length: rank }, (_, axis) => axis);
}

/** Repeats the gradient of a reduction along the axes it went over. */
export function expandReduced(context: GradientContext, gradient: string): string {
  const { node, builder } = context;
  const input = node.inputs[0]!;
  const axes = reducedAxes(context);
  if (axes.length === 0) return gradient;
  const kept = intAttribute(node, 'keepdims', 1) === 1;
  const restored = kept ? gradient : builder.node('Unsqueeze', [gradient, builder.int64s(axes)]);
  return builder.node('Expand', [restored, expandedShape(context, input, axes)]);
}

/** Shape to expand to: sizes of the reduced axes, 1 (which Expand leaves alone) elsewhere; computed only where it has to be. */
function expandedShape(context: GradientContext, input: string, axes: readonly number[]): string {
  const sizes = context.shape(input).map((size, axis) => (axes.includes(axis) ? size : 1));
  return sizes.every((size) => typeof size === 'number')
    ? context.builder.int64s(sizes, 'shape')
    : context.builder.node('Shape', [input]);
}

/** Number of elements that went into each result, as a scalar of the value's type. */
export function reducedCount(context: GradientContext): string {
  const { node, builder } = context;
  const input = node.inputs[0]!;
  const axes = reducedAxes(context);
  const sizes = axes.map((axis) => context.shape(input)[axis]!);
  if (sizes.every((size) => typeof size === 'number')) {
    const count = sizes.reduce<number>((product, size) => product * size, 1);
    return scalarLike(context, input, count);
  }
  const reduced = builder.node('Gather', [builder.node('Shape', [input]), builder.int64s(axes)]);
  const count = builder.node('ReduceProd', [reduced], { keepdims: attribute.int(0) });
  return castTo(context, count, context.type(input));
}
