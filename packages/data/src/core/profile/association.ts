/** How much one column says of another. */

/** Rows that a bin of numbers has at least, and bins at most. */
const BIN_ROWS = 20;
const MAX_BINS = 200;

/** Correlation of Pearson over the rows where both are there; NaN where one is constant or fewer than 3 are. */
export function pearson(left: Float64Array, right: Float64Array): number {
  const both = [...left.keys()].filter((row) => !Number.isNaN(left[row]! + right[row]!));
  if (both.length < 3) return Number.NaN;
  const mean = (values: Float64Array): number => both.reduce((sum, row) => sum + values[row]!, 0) / both.length;
  const [leftMean, rightMean] = [mean(left), mean(right)];
  let [product, leftSquares, rightSquares] = [0, 0, 0];
  for (const row of both) {
    const [a, b] = [left[row]! - leftMean, right[row]! - rightMean];
    product += a * b;
    leftSquares += a * a;
    rightSquares += b * b;
  }
  return product / Math.sqrt(leftSquares * rightSquares);
}

/** Cramer's V of two columns of categories over the rows where both are there: 0 unrelated, 1 one follows from the other. */
export function cramersV(left: readonly (string | null)[], right: readonly (string | null)[]): number {
  const rows = new Map<string, number>();
  const columns = new Map<string, number>();
  const cells = new Map<string, { row: string; column: string; count: number }>();
  left.forEach((row, index) => {
    const column = right[index] ?? null;
    if (row === null || column === null) return;
    rows.set(row, (rows.get(row) ?? 0) + 1);
    columns.set(column, (columns.get(column) ?? 0) + 1);
    const key = JSON.stringify([row, column]);
    const cell = cells.get(key) ?? { row, column, count: 0 };
    cell.count++;
    cells.set(key, cell);
  });
  const freedom = Math.min(rows.size, columns.size) - 1;
  if (freedom < 1) return Number.NaN;
  let sum = 0;
  for (const { row, column, count } of cells.values()) sum += count ** 2 / (rows.get(row)! * columns.get(column)!);
  return Math.sqrt(Math.max(0, sum - 1) / freedom);
}

/**
 * Share of the errors that knowing a feature takes away from always guessing the most frequent class (Goodman and
 * Kruskal's lambda): 1 where each of its groups holds one class only.
 */
export function errorReduction(groups: readonly number[], classes: readonly string[]): number {
  const counts = new Map<number, Map<string, number>>();
  const all = new Map<string, number>();
  groups.forEach((group, row) => {
    const own = counts.get(group) ?? new Map<string, number>();
    counts.set(group, own);
    own.set(classes[row]!, (own.get(classes[row]!) ?? 0) + 1);
    all.set(classes[row]!, (all.get(classes[row]!) ?? 0) + 1);
  });
  const most = (found: ReadonlyMap<string, number>): number => Math.max(...found.values());
  const baseline = classes.length - most(all);
  if (baseline === 0) return 0;
  let right = 0;
  for (const own of counts.values()) right += most(own);
  return (baseline - (classes.length - right)) / baseline;
}

/** Bins of numbers with about equally many rows each, 20 at least; equal numbers share a bin, missing ones have their own. */
export function binsOf(values: Float64Array): number[] {
  const order = [...values.keys()].filter((row) => !Number.isNaN(values[row]!));
  order.sort((a, b) => values[a]! - values[b]!);
  const size = Math.max(BIN_ROWS, Math.ceil(order.length / MAX_BINS));
  const bins = new Array<number>(values.length).fill(-1);
  let bin = 0;
  let inBin = 0;
  order.forEach((row, index) => {
    const isNew = index > 0 && values[row] !== values[order[index - 1]!];
    if (inBin >= size && isNew) {
      bin++;
      inBin = 0;
    }
    bins[row] = bin;
    inBin++;
  });
  return bins;
}
