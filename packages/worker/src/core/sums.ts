/** Float64 sums over rows, in row order, that travel with a gradient or an evaluation chunk. */

/** How right answers are found. */
export interface Scoring {
  /** "binary", "multiclass" or "regression". */
  readonly task: string;
  /** Scores of one row. */
  readonly outputWidth: number;
  /** Whether binary scores are logits (class 1 from 0) or probabilities (class 1 from 0.5, as the exported model). */
  readonly scoresAreLogits: boolean;
}

/** What one run says about its rows, all row-major. */
export interface RowResults {
  readonly rowLoss: Float32Array;
  /** [rows, outputWidth]. */
  readonly scores: Float32Array;
  readonly target: Float32Array;
  readonly weight: Float32Array;
}

/** Sums over rows. */
export interface RowSums {
  /** What the loss is the mean over: the rows, whatever they weigh. */
  readonly denominator: number;
  /** Sum of weight times loss. */
  readonly loss: number;
  /** Rows answered right, or sum of absolute errors: metrics count each row once. */
  readonly metric: number;
  readonly rows: number;
}

/** Sums the first `rows` rows one after another, so that the bits never follow anything but the rows. */
export function sumRows(rows: number, results: RowResults, scoring: Scoring): RowSums {
  let denominator = 0;
  let loss = 0;
  let metric = 0;
  for (let row = 0; row < rows; row++) {
    const weight = results.weight[row] as number;
    denominator++;
    loss += weight * (results.rowLoss[row] as number);
    metric += rowMetric(results.scores, results.target[row] as number, row, scoring);
  }
  return { denominator, loss, metric, rows };
}

/** Adds two sums in the reduction tree. */
export function addSums(left: RowSums, right: RowSums): RowSums {
  return {
    denominator: left.denominator + right.denominator,
    loss: left.loss + right.loss,
    metric: left.metric + right.metric,
    rows: left.rows + right.rows,
  };
}

function rowMetric(scores: Float32Array, target: number, row: number, scoring: Scoring): number {
  const { task, outputWidth, scoresAreLogits } = scoring;
  switch (task) {
    case 'binary':
      return Number((scores[row] as number) >= (scoresAreLogits ? 0 : 0.5)) === target ? 1 : 0;
    case 'multiclass':
      return argMax(scores, row * outputWidth, outputWidth) === target ? 1 : 0;
    case 'regression':
      return Math.abs((scores[row] as number) - target);
    default:
      throw new Error(`unknown task ${task}`);
  }
}

/** Position of the largest value among `width` from `start`; the first of equals. */
export function argMax(values: Float32Array, start: number, width: number): number {
  let best = 0;
  for (let index = 1; index < width; index++) {
    if ((values[start + index] as number) > (values[start + best] as number)) best = index;
  }
  return best;
}
