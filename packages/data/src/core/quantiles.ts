/** Quantiles of sorted numbers, and scaling by rank: bit for bit what numpy and the exported graph compute. */
import { probit } from './probit.js';

/** Points of a quantile transform at most: n_quantiles of scikit-learn's QuantileTransformer. */
const MAX_POINTS = 1000;

/** Quantile `share` (0..1) of sorted numbers, interpolated linearly as `numpy.quantile` does. */
export function quantile(sorted: Float64Array, share: number): number {
  return valueAt(sorted, share * (sorted.length - 1));
}

/** Value at a place between 0 and the last one. */
function valueAt(sorted: Float64Array, place: number): number {
  const below = Math.floor(place);
  const left = sorted[below]!;
  const right = sorted[Math.min(below + 1, sorted.length - 1)]!;
  const weight = place - below;
  const step = right - left;
  return weight < 0.5 ? left + step * weight : right - step * (1 - weight);
}

/**
 * A column's ranks: between two knots the share of training values grows linearly from `after` of the left one to
 * `after + slope * width`; right at a knot it is `at`. Values beyond the ends take those of the ends.
 */
export interface RankScale {
  /** Different quantiles of the training values, ascending. */
  readonly knots: readonly number[];
  readonly at: readonly number[];
  readonly after: readonly number[];
  readonly slope: readonly number[];
  /** Whether shares are turned into values of a standard normal distribution. */
  readonly normal: boolean;
}

/**
 * Fits ranks as scikit-learn's QuantileTransformer with all rows: up to 1,000 quantiles, and in the middle of several
 * equal ones the mean of interpolation from both sides. Places are exact where they fall on a value, whereas there
 * rounding makes scikit-learn miss some of equal values.
 * @param sorted values of the column, at least one
 */
export function fitRanks(sorted: Float64Array, normal: boolean): RankScale {
  const points = Math.min(MAX_POINTS, sorted.length);
  const share = (index: number): number => (points === 1 ? 0 : index / (points - 1));
  const knots: number[] = [];
  const first: number[] = [];
  const last: number[] = [];
  for (let index = 0; index < points; index++) {
    // As numpy.maximum.accumulate: rounding must not turn the order round.
    const place = points === 1 ? 0 : (index * (sorted.length - 1)) / (points - 1);
    const value = Math.max(knots.at(-1) ?? Number.NEGATIVE_INFINITY, valueAt(sorted, place));
    if (value !== knots.at(-1)) {
      knots.push(value);
      first.push(share(index));
      last.push(share(index));
    } else last[last.length - 1] = share(index);
  }
  const end = knots.length - 1;
  const at = knots.map((_, index) => (index === 0 ? 0 : index === end ? 1 : 0.5 * (first[index]! + last[index]!)));
  const slope = knots.map((knot, index) =>
    index === end ? 0 : (first[index + 1]! - last[index]!) / (knots[index + 1]! - knot),
  );
  return { knots, at, after: last, slope, normal };
}

/** The scaled value; NaN stays NaN. */
export function rankOf({ knots, at, after, slope, normal }: RankScale, value: number): number {
  if (Number.isNaN(value)) return value;
  const inside = Math.min(Math.max(value, knots[0]!), knots.at(-1)!);
  let low = 0;
  let high = knots.length;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (knots[middle]! <= inside) low = middle;
    else high = middle;
  }
  const share = knots[low] === inside ? at[low]! : after[low]! + (inside - knots[low]!) * slope[low]!;
  return normal ? probit(share) : share;
}
