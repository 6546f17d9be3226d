/** Scaling by rank as ONNX nodes: knots are counted, not searched, since ONNX has no search in sorted numbers. */
import { attribute, type GraphBuilder } from '@lockstep/model';
import type { NumberColumnPlan } from './plan.js';
import { COEFFICIENTS, MIDDLE, MIDDLE_SQUARED, SMALLEST_SHARE, TAIL_SHIFT } from './probit.js';
import type { RankScale } from './quantiles.js';

const INT32 = 6;
const INT64 = 7;

/**
 * Puts ranks in the place of the columns that are scaled so.
 * @param filled all numeric columns, [N, columns] float64
 * @param scaled the same with center and scale
 * @returns [N, columns] float64
 */
export function addRanks(
  builder: GraphBuilder,
  columns: readonly NumberColumnPlan[],
  filled: string,
  scaled: string,
): string {
  const ranked = columns.flatMap(({ ranks }, place) => (ranks ? [{ ranks, place }] : []));
  if (ranked.length === 0) return scaled;
  const blocks = ranked.map(({ ranks, place }) => {
    const value = builder.node('Gather', [filled, builder.int64s([place], 'column')], { axis: attribute.int(1) });
    const share = addShare(builder, ranks, value);
    return ranks.normal ? addProbit(builder, share) : share;
  });
  const all = builder.node('Concat', [scaled, ...blocks], { axis: attribute.int(1) });
  const order = columns.map((_, place) => {
    const at = ranked.findIndex((other) => other.place === place);
    return at < 0 ? place : columns.length + at;
  });
  return builder.node('Gather', [all, builder.int64s(order, 'order')], { axis: attribute.int(1) });
}

/** Share of the training values below each value, [N, 1]; the arithmetic of `rankOf`. */
function addShare(builder: GraphBuilder, { knots, at, after, slope }: RankScale, value: string): string {
  const list = (hint: string, values: readonly number[]): string =>
    builder.constant('float64', [values.length], Float64Array.from(values), hint);
  const inside = addInside(builder, value, knots[0]!, knots.at(-1)!);
  const row = builder.constant('float64', [1, knots.length], Float64Array.from(knots), 'knots');
  const reached = builder.node('Cast', [builder.node('GreaterOrEqual', [inside, row])], { to: attribute.int(INT32) });
  const count = builder.node('ReduceSum', [reached, builder.int64s([1])], { keepdims: attribute.int(1) });
  const place = builder.node('Sub', [
    builder.node('Cast', [count], { to: attribute.int(INT64) }),
    builder.constant('int64', [1, 1], BigInt64Array.of(1n), 'one'),
  ]);
  const lookUp = (hint: string, values: readonly number[]): string =>
    builder.node('Gather', [list(hint, values), place], { axis: attribute.int(0) });
  const knot = lookUp('knot', knots);
  const rise = builder.node('Mul', [builder.node('Sub', [inside, knot]), lookUp('slope', slope)]);
  const between = builder.node('Add', [lookUp('after', after), rise]);
  return builder.node('Where', [equal(builder, inside, knot), lookUp('at', at), between]);
}

/** Equality of float64 numbers, false for NaN. */
function equal(builder: GraphBuilder, left: string, right: string): string {
  return builder.node('Equal', [left, right]);
}

/** Cut to an interval; NaN stays NaN. */
function addInside(builder: GraphBuilder, value: string, lowest: number, highest: number): string {
  const [low, high] = [scalar(builder, lowest), scalar(builder, highest)];
  const above = builder.node('Where', [builder.node('Less', [value, low]), low, value]);
  return builder.node('Where', [builder.node('Greater', [above, high]), high, above]);
}

/** The arithmetic of `probit`, but for the logarithm, which is the runtime's. */
function addProbit(builder: GraphBuilder, share: string): string {
  const inside = addInside(builder, share, SMALLEST_SHARE, 1 - SMALLEST_SHARE);
  const distance = builder.node('Sub', [inside, scalar(builder, 0.5)]);
  const square = builder.node('Mul', [distance, distance]);
  const rest = builder.node('Sub', [scalar(builder, MIDDLE_SQUARED), square]);
  const middle = builder.node('Div', [
    builder.node('Mul', [distance, addPolynomial(builder, COEFFICIENTS.middleTop, rest)]),
    addPolynomial(builder, COEFFICIENTS.middleBottom, rest),
  ]);
  const isBelow = builder.node('Less', [distance, scalar(builder, 0)]);
  const upper = builder.node('Sub', [scalar(builder, 1), inside]);
  const tail = builder.node('Where', [isBelow, inside, upper]);
  const root = builder.node('Sqrt', [builder.node('Neg', [builder.node('Log', [tail])])]);
  const depth = builder.node('Sub', [root, scalar(builder, TAIL_SHIFT)]);
  const size = builder.node('Div', [
    addPolynomial(builder, COEFFICIENTS.tailTop, depth),
    addPolynomial(builder, COEFFICIENTS.tailBottom, depth),
  ]);
  const signed = builder.node('Where', [isBelow, builder.node('Neg', [size]), size]);
  const isMiddle = builder.node('LessOrEqual', [builder.node('Abs', [distance]), scalar(builder, MIDDLE)]);
  return builder.node('Where', [isMiddle, middle, signed]);
}

function addPolynomial(builder: GraphBuilder, coefficients: readonly number[], x: string): string {
  const [first, ...others] = coefficients;
  return others.reduce(
    (sum, coefficient) => builder.node('Add', [builder.node('Mul', [sum, x]), scalar(builder, coefficient)]),
    scalar(builder, first!),
  );
}

function scalar(builder: GraphBuilder, value: number): string {
  return builder.constant('float64', [1, 1], Float64Array.of(value), 'scalar');
}
