/** What counts as an outlier, and which rows it takes along. */
import { ofColumn, type PreprocessSpec } from '@lockstep/spec';
import { NumberStatistics } from './aggregates.js';
import { quantile } from './quantiles.js';

/** Ends of the values that are no outliers. */
export interface Bounds {
  readonly lower: number;
  readonly upper: number;
}

/** How outliers of one column are found and what is done with them. */
export interface ColumnOutliers {
  readonly method: 'zScore' | 'iqr';
  readonly threshold: number;
  readonly action: 'flag' | 'clip' | 'drop';
}

/** How outlying rows are found and what is done with them. */
export interface RowOutliers {
  /** Score from which a row is one. */
  readonly threshold: number;
  readonly action: 'flag' | 'drop';
}

/** Thresholds where the spec gives none: three deviations, Tukey's fences, and the score of an average row. */
const THRESHOLDS = { zScore: 3, iqr: 1.5, isolationForest: 0.5 } as const;

/** Outliers of a numeric column after its own settings and those of the table; null where none are looked for. */
export function columnOutliers(spec: PreprocessSpec, name: string): ColumnOutliers | null {
  const own = ofColumn(spec.columns, name)?.outliers ?? spec.outliers;
  if (!own || own.method === 'none' || own.method === 'isolationForest') return null;
  return { method: own.method, threshold: own.threshold ?? THRESHOLDS[own.method], action: own.action };
}

/** Outliers among the rows; null where none are looked for. */
export function rowOutliers({ outliers }: PreprocessSpec): RowOutliers | null {
  if (outliers?.method !== 'isolationForest') return null;
  const action = outliers.action === 'drop' ? 'drop' : 'flag';
  return { threshold: outliers.threshold ?? THRESHOLDS.isolationForest, action };
}

/** Bounds of a column's values in row order; NaN is missing. Null where there are no values. */
export function boundsOf(values: Float64Array, { method, threshold }: ColumnOutliers): Bounds | null {
  if (method === 'zScore') {
    const statistics = new NumberStatistics(false);
    for (const value of values) statistics.add(Number.isNaN(value) ? null : value);
    const { count, mean, squares } = statistics.moments();
    const reach = threshold * Math.sqrt(squares / count);
    return count === 0 ? null : { lower: mean - reach, upper: mean + reach };
  }
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length === 0) return null;
  const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  const reach = threshold * (high - low);
  return { lower: low - reach, upper: high + reach };
}

/** Whether a value lies beyond the bounds; a missing one does not. */
export function isOutside({ lower, upper }: Bounds, value: number): boolean {
  return value < lower || value > upper;
}

/** The value, cut to the bounds; NaN stays NaN. */
export function cut({ lower, upper }: Bounds, value: number): number {
  return value < lower ? lower : value > upper ? upper : value;
}
