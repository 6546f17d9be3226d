/** Divides rows into training, validation and test; a function of seed, fractions, labels, groups and order alone. */
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
  /** Group of each row, whose rows stay in one part; null without groups. */
  readonly groups?: Int32Array | null;
  /** What the rows are in order by; null draws them. */
  readonly order?: Float64Array | null;
  /** Rows that take part; others are marked dropped. */
  readonly kept: (row: number) => boolean;
  readonly rowCount: number;
}

/** Rows of a part among `rowCount` rows from `firstRow` on, counted from there. */
export function rowsOfPart(parts: Uint8Array, part: number, firstRow: number, rowCount: number): Uint32Array {
  const rows = new Uint32Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) if (parts[firstRow + row] === part) rows[count++] = row;
  return rows.subarray(0, count);
}

/** Rows of each part. */
export interface PartCounts {
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  readonly dropped: number;
}

/** Counts rows by their part. */
export function countParts(parts: Uint8Array): PartCounts {
  const rows = { train: 0, validation: 0, test: 0, dropped: 0 };
  for (const part of parts) {
    if (part === Part.train) rows.train++;
    else if (part === Part.validation) rows.validation++;
    else if (part === Part.test) rows.test++;
    else rows.dropped++;
  }
  return rows;
}

/** Part of each row as one of {@link Part}. */
export function splitRows(options: SplitOptions): Uint8Array {
  const { rowCount, classes, groups, order, kept } = options;
  const parts = new Uint8Array(rowCount).fill(Part.dropped);
  const rows = keptRows(rowCount, kept);
  if (order) splitInOrder(rows, order, options, parts);
  else if (groups) splitGroups(rowsBy(rows, groups), options, parts);
  else splitByClass(rowsBy(rows, classes), options, parts);
  return parts;
}

function keptRows(rowCount: number, kept: (row: number) => boolean): Uint32Array {
  const rows = new Uint32Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) if (kept(row)) rows[count++] = row;
  return rows.subarray(0, count);
}

/** Rows by their key, which is 0 or above, in the order of the keys. */
function rowsBy(rows: Uint32Array, keys: Int32Array | null): (readonly [key: number, rows: Uint32Array])[] {
  if (!keys) return rows.length === 0 ? [] : [[0, rows]];
  let last = -1;
  for (const row of rows) last = Math.max(last, keys[row]!);
  // Where the rows of each key end, once all before them are in their place.
  const ends = new Uint32Array(last + 2);
  for (const row of rows) ends[keys[row]! + 1]!++;
  for (let key = 0; key <= last; key++) ends[key + 1]! += ends[key]!;
  const sorted = new Uint32Array(rows.length);
  for (const row of rows) sorted[ends[keys[row]!]!++] = row;
  const groups: [number, Uint32Array][] = [];
  let start = 0;
  for (let key = 0; key <= last; key++) {
    const end = ends[key]!;
    if (end > start) groups.push([key, sorted.subarray(start, end)]);
    start = end;
  }
  return groups;
}

/** The last rows are the test rows, those before them are for validation; equal ones stay in the order of the file. */
function splitInOrder(
  rows: Uint32Array,
  order: Float64Array,
  { test, validation }: SplitOptions,
  parts: Uint8Array,
): void {
  rows.sort((a, b) => order[a]! - order[b]! || a - b);
  const [testCount] = allocate([rows.length], test, [rows.length]);
  const [validationCount] = allocate([rows.length], validation, [rows.length - testCount!]);
  const validationFrom = rows.length - testCount! - validationCount!;
  rows.forEach((row, place) => {
    if (place < validationFrom) parts[row] = Part.train;
    else parts[row] = place < rows.length - testCount! ? Part.validation : Part.test;
  });
}

type Groups = ReturnType<typeof rowsBy>;

/**
 * Groups are shuffled; the test part takes every one that it still has room for, then validation does. Where all are
 * larger than a part, that takes the smallest. One group at least is left for training.
 */
function splitGroups(groups: Groups, { test, validation, seed }: SplitOptions, parts: Uint8Array): void {
  const rowCount = groups.reduce((sum, [, rows]) => sum + rows.length, 0);
  let left = Array.from(permutation(seed, RandomPurpose.split, 0, groups.length), (place) => groups[place]![1]);
  const take = (fraction: number, part: number): void => {
    const room = Math.ceil(rowCount * fraction - 1e-9);
    const taken = new Set<Uint32Array>();
    let size = 0;
    for (const rows of left) {
      if (size + rows.length > room || taken.size === left.length - 1) continue;
      taken.add(rows);
      size += rows.length;
    }
    if (room > 0 && taken.size === 0 && left.length > 1) {
      taken.add(left.reduce((best, rows) => (rows.length < best.length ? rows : best)));
    }
    for (const rows of taken) for (const row of rows) parts[row] = part;
    left = left.filter((rows) => !taken.has(rows));
  };
  take(test, Part.test);
  take(validation, Part.validation);
  for (const rows of left) for (const row of rows) parts[row] = Part.train;
}

/** Each class gives its share to each part; one with two rows or more keeps at least one for training. */
function splitByClass(ordered: Groups, options: SplitOptions, parts: Uint8Array): void {
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
