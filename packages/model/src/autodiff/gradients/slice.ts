/**
 * What was cut out gets its gradient, the rest 0. Per axis: Gather puts the gradient where each element came from, and
 * Where writes 0 elsewhere. No scatter, so the bits cannot depend on an order.
 */
import { attribute } from '../../graph/attribute.js';
import { normaliseAxis } from '../../graph/broadcast.js';
import { FIRST_OPSET, type GradientContext, type GradientRule, LATEST_OPSET, scalarLike } from '../gradient-rule.js';

/** One axis of a slice, `start` and `end` within it. */
interface Cut {
  readonly axis: number;
  readonly size: number;
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The cuts that leave something out. */
function cutsOf(context: GradientContext): Cut[] {
  const shape = context.shape(context.node.inputs[0]!);
  const starts = context.integers(1)!;
  const ends = context.integers(2)!;
  const axes = context.integers(3) ?? starts.map((_, index) => index);
  const steps = context.integers(4) ?? starts.map(() => 1);
  return axes.flatMap((given, index) => {
    const axis = normaliseAxis(given, shape.length);
    const size = shape[axis]!;
    if (typeof size === 'string') throw context.unsupported();
    const clamp = (place: number): number => Math.min(size, Math.max(0, place < 0 ? place + size : place));
    const cut = { axis, size, start: clamp(starts[index]!), end: clamp(ends[index]!), step: steps[index]! };
    return cut.start === 0 && cut.end === size && cut.step === 1 ? [] : [cut];
  });
}

/** Spreads a gradient over the whole of one axis. */
function spread(context: GradientContext, gradient: string, { axis, size, start, end, step }: Cut): string {
  const { builder } = context;
  const inside = (place: number): boolean => place >= start && place < end && (place - start) % step === 0;
  const places = Array.from({ length: size }, (_, place) => place);
  const sources = places.map((place) => (inside(place) ? (place - start) / step : 0));
  const rank = context.shape(context.node.inputs[0]!).length;
  const maskShape = [size, ...Array.from({ length: rank - 1 - axis }, () => 1)];
  const mask = Uint8Array.from(places, (place) => (inside(place) ? 1 : 0));
  const gathered = builder.node('Gather', [gradient, builder.int64s(sources, 'sources')], {
    axis: attribute.int(axis),
  });
  const zero = scalarLike(context, context.node.inputs[0]!, 0);
  return builder.node('Where', [builder.constant('bool', maskShape, mask, 'inside'), gathered, zero]);
}

/** Gradient of Slice. */
export const sliceGradient: GradientRule = {
  op: 'Slice',
  opsets: [FIRST_OPSET, LATEST_OPSET],
  limits: 'along axes of fixed sizes',
  outcome: 'rule',
  gradients: (context) => {
    const cuts = cutsOf(context);
    if (cuts.some(({ start, end }) => start >= end)) return [null];
    return [cuts.reduce((gradient, cut) => spread(context, gradient, cut), context.gradient)];
  },
};
