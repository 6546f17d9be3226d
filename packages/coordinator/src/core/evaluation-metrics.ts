/** Test metrics from outputs and targets, in float64, summed in the order of the rows. */
import type { Task } from '@lockstep/spec';

/** Probability from which the second class is predicted. */
const THRESHOLD = 0.5;

/** Outputs of a model on labelled rows. */
export interface ScoredRows {
  readonly task: Task;
  /** Row-major [rows, width]: probability of the second class, probabilities of all classes, or values. */
  readonly outputs: Float32Array;
  /** Class index or value of each row. */
  readonly targets: Float32Array;
  readonly width: number;
  /** Mean loss. */
  readonly loss: number;
  /** Class names in index order; null for a regression. */
  readonly labels: readonly string[] | null;
}

/** Rows are actual classes, columns predicted ones. */
export interface ConfusionMatrix {
  readonly labels: readonly string[];
  readonly counts: readonly (readonly number[])[];
}

/** Metrics of a scored table. */
export interface EvaluationMetrics {
  readonly metrics: Readonly<Record<string, number>>;
  readonly confusionMatrix: ConfusionMatrix | null;
}

/** accuracy, precision, recall, f1, loss of a classification (macro over classes with rows), or r2, mse, mae, loss. */
export function evaluationMetrics(rows: ScoredRows): EvaluationMetrics {
  if (rows.task === 'regression') return { metrics: regressionMetrics(rows), confusionMatrix: null };
  const predicted = predictedClasses(rows);
  const labels = rows.labels ?? [];
  const counts = labels.map(() => labels.map(() => 0));
  rows.targets.forEach((target, row) => {
    counts[target]![predicted[row]!]!++;
  });
  return { metrics: classMetrics(rows, counts), confusionMatrix: { labels, counts } };
}

/** Predicted class of each row: the second from a half on, or the first of the largest. */
export function predictedClasses({ task, outputs, targets, width }: ScoredRows): number[] {
  return Array.from(targets, (_, row) => {
    if (task === 'binary') return outputs[row]! >= THRESHOLD ? 1 : 0;
    let best = 0;
    for (let column = 1; column < width; column++) {
      if (outputs[row * width + column]! > outputs[row * width + best]!) best = column;
    }
    return best;
  });
}

function classMetrics(rows: ScoredRows, counts: readonly (readonly number[])[]): Record<string, number> {
  const total = rows.targets.length;
  const right = counts.reduce((sum, row, index) => sum + row[index]!, 0);
  const scores = counts.map((row, index) => {
    const truePositive = row[index]!;
    const actual = row.reduce((sum, count) => sum + count, 0);
    const predicted = counts.reduce((sum, other) => sum + other[index]!, 0);
    const precision = ratio(truePositive, predicted);
    const recall = ratio(truePositive, actual);
    return { actual, precision, recall, f1: ratio(2 * precision * recall, precision + recall) };
  });
  const counted = rows.task === 'binary' ? scores.slice(1) : scores.filter(({ actual }) => actual > 0);
  const mean = (pick: (score: (typeof scores)[number]) => number): number =>
    ratio(
      counted.reduce((sum, score) => sum + pick(score), 0),
      counted.length,
    );
  return {
    accuracy: ratio(right, total),
    precision: mean((score) => score.precision),
    recall: mean((score) => score.recall),
    f1: mean((score) => score.f1),
    loss: rows.loss,
  };
}

function regressionMetrics({ outputs, targets, loss }: ScoredRows): Record<string, number> {
  const count = targets.length;
  let sum = 0;
  for (const target of targets) sum += target;
  const mean = ratio(sum, count);
  let squares = 0;
  let absolute = 0;
  let spread = 0;
  targets.forEach((target, row) => {
    const error = outputs[row]! - target;
    squares += error * error;
    absolute += Math.abs(error);
    spread += (target - mean) * (target - mean);
  });
  return { r2: spread === 0 ? 0 : 1 - squares / spread, mse: ratio(squares, count), mae: ratio(absolute, count), loss };
}

function ratio(numerator: number, denominator: number): number {
  return denominator === 0 ? 0 : numerator / denominator;
}
