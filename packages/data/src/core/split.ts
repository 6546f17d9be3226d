/** Divides rows into training, validation and test; a function of seed, fractions and labels alone. */
import { permutation, RandomPurpose } from '@lockstep/protocol/core';

/** Part of a row. */
export const Part = { train: 0, validation: 1, test: 2, dropped: 255 } as const;

/** How rows are divided. */
export interface SplitOptions {
  readonly test: number;
  readonly validation: number;
  readonly seed: number;
  /** Class of each row for a stratified split; null divides all rows as one. */
  readonly classes: Int32Array | null;
  /** Rows that take part; others are marked dropped. */
  readonly kept: (row: number) => boolean;
  readonly rowCount: number;
}

/** Part of each row as one of {@link Part}. Each class with two rows or more keeps at least one for training. */
export function splitRows(options: SplitOptions): Uint8Array {
  const { rowCount, classes, kept } = options;
  const parts = new Uint8Array(rowCount).fill(Part.dropped);
  const groups = new Map<number, number[]>();
  for (let row = 0; row < rowCount; row++) {
    if (!kept(row)) continue;
    const group = classes?.[row] ?? 0;
    const rows = groups.get(group);
    if (rows) rows.push(row);
    else groups.set(group, [row]);
  }
  const ordered = [...groups].sort(([a], [b]) => a - b);
  const sizes = ordered.map(([, rows]) => rows.length);
  const test = allocate(sizes, options.test, sizes);
  const left = sizes.map((size, index) => size - test[index]!);
  const validation = allocate(sizes, options.validation, left);
  ordered.forEach(([group, rows], index) => {
    const order = permutation(options.seed, RandomPurpose.split, group, rows.length);
    // Training rows come first, then validation, then test: the order in which scikit-learn takes them.
    const validationFrom = rows.length - test[index]! - validation[index]!;
    order.forEach((position, place) => {
      const row = rows[position]!;
      if (place < validationFrom) parts[row] = Part.train;
      else parts[row] = place < rows.length - test[index]! ? Part.validation : Part.test;
    });
  });
  return parts;
}

/** Rows of each group for a fraction: the total is rounded up, the rest goes to the largest remainders. */
function allocate(sizes: readonly number[], fraction: number, available: readonly number[]): number[] {
  if (fraction === 0) return sizes.map(() => 0);
  const total = Math.ceil(sizes.reduce((sum, size) => sum + size, 0) * fraction - 1e-9);
  const limit = available.map((size) => Math.max(0, size - 1));
  const counts = sizes.map((size, index) => Math.min(limit[index]!, Math.floor(size * fraction)));
  const byRemainder = sizes
    .map((size, index) => ({ index, remainder: size * fraction - Math.floor(size * fraction) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  let missing = total - counts.reduce((sum, count) => sum + count, 0);
  for (let round = 0; missing > 0 && round < 2; round++) {
    for (const { index } of byRemainder) {
      if (missing > 0 && counts[index]! < limit[index]!) {
        counts[index]!++;
        missing--;
      }
    }
  }
  return counts;
}
