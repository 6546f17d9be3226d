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

/** One class among the rows. */
export interface ClassScore {
  readonly label: string;
  /** Rows of this class. */
  readonly rows: number;
  /** Null where the class was never predicted. */
  readonly precision: number | null;
  /** Null where the class has no rows. */
  readonly recall: number | null;
  /** Null where the class has no rows. */
  readonly f1: number | null;
}

/** Metrics of a scored table. */
export interface EvaluationMetrics {
  readonly metrics: Readonly<Record<string, number>>;
  readonly confusionMatrix: ConfusionMatrix | null;
  /** Every class in index order; null for a regression. */
  readonly classes: readonly ClassScore[] | null;
  /** Which classes precision, recall and f1 are of, in words; null for a regression. */
  readonly averages: string | null;
}

/** accuracy, precision, recall, f1, loss of a classification (macro over classes with rows), or r2, mse, mae, loss. */
export function evaluationMetrics(rows: ScoredRows): EvaluationMetrics {
  if (rows.task === 'regression')
    return { metrics: regressionMetrics(rows), confusionMatrix: null, classes: null, averages: null };
  const predicted = predictedClasses(rows);
  const labels = rows.labels ?? [];
  const counts = labels.map(() => labels.map(() => 0));
  rows.targets.forEach((target, row) => {
    counts[target]![predicted[row]!]!++;
  });
  const classes = labels.map((label, index) => classScore(label, index, counts));
  return {
    metrics: classMetrics(rows, counts, classes),
    confusionMatrix: { labels, counts },
    classes,
    averages: averagesText(rows.task, classes),
  };
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

function classScore(label: string, index: number, counts: readonly (readonly number[])[]): ClassScore {
  const right = counts[index]![index]!;
  const rows = counts[index]!.reduce((sum, count) => sum + count, 0);
  const predicted = counts.reduce((sum, other) => sum + other[index]!, 0);
  const [precision, recall] = [share(right, predicted), share(right, rows)];
  const f1 = recall === null ? null : ratio(2 * (precision ?? 0) * recall, (precision ?? 0) + recall);
  return { label, rows, precision, recall, f1 };
}

/** Classes that the averages are taken over: the positive one of two, else all that have rows. */
function averaged(task: Task, classes: readonly ClassScore[]): readonly ClassScore[] {
  return task === 'binary' ? classes.slice(1) : classes.filter(({ rows }) => rows > 0);
}

function averagesText(task: Task, classes: readonly ClassScore[]): string {
  if (task === 'binary') return `of the positive class, ${JSON.stringify(classes[1]?.label ?? '')}`;
  const counted = averaged(task, classes);
  const which =
    counted.length === classes.length
      ? `all ${classes.length} classes`
      : `the ${counted.length} of ${classes.length} classes that have rows`;
  const never = counted.some(({ precision }) => precision === null);
  return `mean over ${which}${never ? '; a class that was never predicted has precision 0 in it' : ''}`;
}

function classMetrics(
  rows: ScoredRows,
  counts: readonly (readonly number[])[],
  classes: readonly ClassScore[],
): Record<string, number> {
  const right = counts.reduce((sum, row, index) => sum + row[index]!, 0);
  const counted = averaged(rows.task, classes);
  const mean = (key: 'precision' | 'recall' | 'f1'): number =>
    ratio(
      counted.reduce((sum, score) => sum + (score[key] ?? 0), 0),
      counted.length,
    );
  return {
    accuracy: ratio(right, rows.targets.length),
    ...{ precision: mean('precision'), recall: mean('recall'), f1: mean('f1') },
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

/** A ratio, or null where there is nothing to take it of. */
function share(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator;
}
