/** What the autodiff knows of one operator: a rule, that its gradient is zero, or that there is none. */
import type { LockstepError } from '@lockstep/protocol/core';
import { attribute } from '../graph/attribute.js';
import { broadcastAxes } from '../graph/broadcast.js';
import type { GraphBuilder } from '../graph/builder.js';
import type { Dimension, ElementType, Node, Tensor } from '../graph/graph.js';
import { DATA_TYPES } from '../onnx/element-types.js';

/** What a rule sees: the node, the gradient of its output, and a builder that the new nodes go to. */
export interface GradientContext {
  readonly node: Node;
  readonly builder: GraphBuilder;
  /** Gradient of the node's first output. */
  readonly gradient: string;
  /** Whether the gradient of input `index` is asked for. */
  wants(index: number): boolean;
  shape(value: string): readonly Dimension[];
  type(value: string): ElementType;
  /** The tensor of a constant input, or null when it is computed, fed or absent. */
  constant(index: number): Tensor | null;
  /** Values of a constant int64 input, or null when it is none. */
  integers(index: number): readonly number[] | null;
  /** The GRADIENT_UNSUPPORTED to throw for a form of the operator that the rule does not cover. @default limits the rule's */
  unsupported(limits?: string): LockstepError;
}

/** Gradients by input; null where none is asked for or none flows. */
export type Gradients = readonly (string | null)[];

/** Outcome for a range of operator-set versions, ends included. */
export type GradientRule = {
  readonly op: string;
  /** @default '' the standard operators */
  readonly domain?: string;
  /** First and last operator-set version the rule holds for. */
  readonly opsets: readonly [number, number];
  /** What the rule is limited to, as a clause after "a gradient only". @default no limit */
  readonly limits?: string;
} & (
  | { readonly outcome: 'rule'; readonly gradients: (context: GradientContext) => Gradients }
  | { readonly outcome: 'zero' }
);

/** The first operator set the rules were written against. */
export const FIRST_OPSET = 13;

/** The last operator set the rules were written against. */
export const LATEST_OPSET = 21;

/**
 * Sums a gradient over the axes along which its value was repeated by broadcasting.
 * @param from shape of the gradient
 * @throws LockstepError GRADIENT_UNSUPPORTED where a size known only at run time may or may not have been repeated
 */
export function unbroadcast(
  context: GradientContext,
  gradient: string,
  from: readonly Dimension[],
  value: string,
): string {
  const shape = context.shape(value);
  const lost = from.length - shape.length;
  if (shape.some((size, axis) => typeof size === 'string' && size !== from[axis + lost])) {
    throw context.unsupported(`where it is known whether [${shape.join(', ')}] is repeated to [${from.join(', ')}]`);
  }
  const axes = broadcastAxes(shape, from);
  if (axes.length === 0) return gradient;
  const { builder } = context;
  const onlyLeading = axes.every((axis) => axis < lost);
  const summed = builder.node('ReduceSum', [gradient, builder.int64s(axes)], {
    keepdims: attribute.int(onlyLeading ? 0 : 1),
  });
  if (onlyLeading || lost === 0) return summed;
  const leading = Array.from({ length: lost }, (_, axis) => axis);
  return builder.node('Squeeze', [summed, builder.int64s(leading)]);
}

/** A scalar constant of the value's own element type. */
export function scalarLike(context: GradientContext, value: string, scalar: number): string {
  return context.type(value) === 'float64'
    ? context.builder.constant('float64', [], Float64Array.of(scalar), 'scalar')
    : context.builder.scalar(scalar);
}

/** Reshapes a gradient to the shape of a value: by constants where the shape is fixed, else by its Shape. */
export function reshapeLike(context: GradientContext, gradient: string, value: string): string {
  const { builder } = context;
  const shape = context.shape(value);
  const symbolic = shape.filter((size) => typeof size === 'string').length;
  if (symbolic <= 1 && !shape.includes(0)) {
    const sizes = shape.map((size) => (typeof size === 'number' ? size : -1));
    return builder.node('Reshape', [gradient, builder.int64s(sizes, 'shape')]);
  }
  return builder.node('Reshape', [gradient, builder.node('Shape', [value])], { allowzero: attribute.int(1) });
}

/**
 * The gradient where a condition holds, else 0. A product with the condition as 0 or 1 rather than Where, which took
 * seven times as long in ONNX Runtime on a million elements.
 */
export function keepWhere(context: GradientContext, condition: string): string {
  const { builder, gradient, node } = context;
  return builder.node('Mul', [gradient, castTo(context, condition, context.type(node.outputs[0]!))]);
}

/** A value as another element type. */
export function castTo({ builder }: GradientContext, value: string, type: ElementType): string {
  return builder.node('Cast', [value], { to: attribute.int(DATA_TYPES[type]) });
}
