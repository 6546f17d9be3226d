/**
 * How a classifier ranks and how sure it is: ROC, precision and recall, calibration. Definitions are scikit-learn's
 * (roc_curve, auc, average_precision_score, calibration_curve with uniform bins): equal scores are one point.
 */
import { predictedClasses, type ScoredRows } from './evaluation-metrics.js';

/** Points of one curve at most; the first and the last are always there. */
const MAX_POINTS = 101;
/** Classes that have curves: the first ones, where there are more. */
const MAX_CLASSES = 10;
const BINS = 10;
/** Rows that curves are made of: evenly spaced ones, where there are more. */
export const MAX_CURVE_ROWS = 100_000;

/** Points of a curve. */
export interface Curve {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** One class against all others. */
export interface ClassCurves {
  readonly label: string;
  /** False positive rate, true positive rate. */
  readonly roc: Curve;
  /** Area under all points of the ROC curve. */
  readonly rocAuc: number;
  /** Recall, precision. */
  readonly precisionRecall: Curve;
  readonly averagePrecision: number;
}

/** Rows whose probability lies in one tenth of 0 to 1. */
export interface CalibrationBin {
  readonly rows: number;
  /** Mean probability of the predicted class; of two classes, of the second. */
  readonly probability: number;
  /** Share of these rows that are of that class. */
  readonly share: number;
}

/** Curves of a scored table. */
export interface ScoreCurves {
  /** Rows that they are made of: those with finite scores, {@link MAX_CURVE_ROWS} at most. */
  readonly rows: number;
  /** Classes that have rows and are not all there is; of two classes the second alone. */
  readonly classes: readonly ClassCurves[];
  /** Tenths that have rows. */
  readonly calibration: readonly CalibrationBin[];
}

/** Curves of a classification; null for a regression, or without rows whose scores are finite. */
export function scoreCurves(all: ScoredRows): ScoreCurves | null {
  if (all.task === 'regression') return null;
  const rows = usable(all);
  if (rows.targets.length === 0) return null;
  const labels = rows.labels ?? [];
  const wanted = rows.task === 'binary' ? [1] : labels.map((_, index) => index).slice(0, MAX_CLASSES);
  const classes = wanted.flatMap((index) => classCurves(rows, index, labels[index] ?? '') ?? []);
  return { rows: rows.targets.length, classes, calibration: calibration(rows) };
}

function usable(all: ScoredRows): ScoredRows {
  const { outputs, targets, width } = all;
  const stride = Math.ceil(targets.length / MAX_CURVE_ROWS);
  const scoresOf = (row: number): Float32Array => outputs.subarray(row * width, (row + 1) * width);
  const chosen: number[] = [];
  for (let row = 0; row < targets.length; row += stride) if (scoresOf(row).every(Number.isFinite)) chosen.push(row);
  const scores = new Float32Array(chosen.length * width);
  for (const [at, row] of chosen.entries()) scores.set(scoresOf(row), at * width);
  return { ...all, outputs: scores, targets: Float32Array.from(chosen, (row) => targets[row]!) };
}

/** Null where every row or none is of the class. */
function classCurves({ task, outputs, targets, width }: ScoredRows, index: number, label: string): ClassCurves | null {
  const column = task === 'binary' ? 0 : index;
  const isOfClass = (row: number): boolean => targets[row] === index;
  const ranked = rank(targets.length, (row) => outputs[row * width + column]!, isOfClass);
  const positives = targets.reduce((count, target) => count + Number(target === index), 0);
  const negatives = targets.length - positives;
  if (positives === 0 || negatives === 0) return null;
  const points = [{ hits: 0, alarms: 0 }];
  let [hits, alarms, area, averagePrecision] = [0, 0, 0, 0];
  for (let at = ranked.length - 1; at >= 0; ) {
    const before = { hits, alarms };
    const score = ranked[at]! >>> 1;
    for (; at >= 0 && ranked[at]! >>> 1 === score; at--) {
      if (ranked[at]! & 1) hits++;
      else alarms++;
    }
    area += ((alarms - before.alarms) * (hits + before.hits)) / 2;
    averagePrecision += ((hits - before.hits) / positives) * (hits / (hits + alarms));
    points.push({ hits, alarms });
  }
  const shown = thinned(points);
  const precision = ({ hits, alarms }: { hits: number; alarms: number }): number =>
    hits + alarms === 0 ? 1 : hits / (hits + alarms);
  return {
    label,
    roc: { x: shown.map((point) => point.alarms / negatives), y: shown.map((point) => point.hits / positives) },
    rocAuc: area / positives / negatives,
    precisionRecall: { x: shown.map((point) => point.hits / positives), y: shown.map(precision) },
    averagePrecision,
  };
}

/** Rows by score, lowest first: the bits of a float32 from 0 to 1 order as it does, and leave one for the class. */
function rank(count: number, scoreOf: (row: number) => number, isOfClass: (row: number) => boolean): Uint32Array {
  const scores = new Float32Array(count);
  for (let row = 0; row < count; row++) scores[row] = Math.min(1, Math.max(0, scoreOf(row)));
  const bits = new Uint32Array(scores.buffer);
  return bits.map((value, row) => (value << 1) | Number(isOfClass(row))).sort();
}

function thinned<Point>(points: readonly Point[]): readonly Point[] {
  if (points.length <= MAX_POINTS) return points;
  const step = (points.length - 1) / (MAX_POINTS - 1);
  return Array.from({ length: MAX_POINTS }, (_, index) => points[Math.round(index * step)]!);
}

function calibration(rows: ScoredRows): readonly CalibrationBin[] {
  const { task, outputs, targets, width } = rows;
  const predicted = predictedClasses(rows);
  const bins = Array.from({ length: BINS }, () => ({ rows: 0, probabilities: 0, right: 0 }));
  targets.forEach((target, row) => {
    const asked = task === 'binary' ? 1 : predicted[row]!;
    const probability = outputs[row * width + (task === 'binary' ? 0 : asked)]!;
    const bin = bins[Math.min(BINS - 1, Math.max(0, Math.floor(probability * BINS)))]!;
    bin.rows++;
    bin.probabilities += probability;
    if (target === asked) bin.right++;
  });
  return bins
    .filter(({ rows: count }) => count > 0)
    .map(({ rows: count, probabilities, right }) => ({
      rows: count,
      probability: probabilities / count,
      share: right / count,
    }));
}
