/**
 * Isolation forest (Liu, Ting and Zhou, "Isolation Forest", ICDM 2008) with the rules of scikit-learn's: 100 trees of
 * 256 rows each, cut at random, and a score of 2^(-mean path / average path). Path lengths are multiples of 2^-12, so
 * that their sum is exact in any order and in float32: every runtime finds the same rows.
 */
import { log, RandomPurpose, RandomStream } from '@lockstep/protocol/core';

const TREES = 100;
const ROWS_PER_TREE = 256;
/** Multiples of a path length that are told apart: 100 paths of up to 18 stay below 2^24 of them. */
const PATH_UNITS = 4096;
const EULER_GAMMA = 0.5772156649015329;
const TO_UNIT = 2 ** -32;

/** One tree: nodes in the order in which they were cut, the root first. */
export interface IsolationTree {
  /** Column of each node, by position in the forest's columns; -1 is a leaf. */
  readonly column: readonly number[];
  /** Rows with values up to this go left; of a leaf, the path length of the rows in it. */
  readonly value: readonly number[];
  /** Left child of each node, the right one follows it; 0 of a leaf. */
  readonly left: readonly number[];
}

/** A fitted forest. */
export interface IsolationForest {
  readonly columns: readonly string[];
  /** What a missing value counts as, per column. */
  readonly fill: readonly number[];
  readonly trees: readonly IsolationTree[];
  /** Rows of a tree. */
  readonly sampleSize: number;
  /** A row with a sum of path lengths below this is an outlier. */
  readonly limit: number;
}

/** What a forest is fitted on. */
export interface ForestOptions {
  readonly names: readonly string[];
  /** Values per column in row order, nothing missing. */
  readonly columns: readonly Float64Array[];
  readonly fill: readonly number[];
  readonly seed: number;
  /** Score, between 0 and 1, above which a row is an outlier. */
  readonly threshold: number;
}

/** Average path length of an unsuccessful search in a binary tree of `count` rows: c(n) of the paper. */
export function averagePath(count: number): number {
  if (count <= 1) return 0;
  if (count === 2) return 1;
  return 2 * (log(count - 1) + EULER_GAMMA) - (2 * (count - 1)) / count;
}

function inUnits(path: number): number {
  return Math.round(path * PATH_UNITS) / PATH_UNITS;
}

/** Grows a forest; the same columns, rows and seed give the same one. */
export function fitForest({ names, columns, fill, seed, threshold }: ForestOptions): IsolationForest {
  const rowCount = columns[0]?.length ?? 0;
  const sampleSize = Math.min(ROWS_PER_TREE, rowCount);
  const maxDepth = Math.ceil(log(Math.max(sampleSize, 2)) / Math.LN2 - 1e-12);
  const trees = Array.from({ length: TREES }, (_, tree) => {
    const draw = drawer(new RandomStream(seed, RandomPurpose.isolationForest, tree));
    return growTree(columns, sampleRows(rowCount, sampleSize, draw), maxDepth, draw);
  });
  const limit = (TREES * inUnits(averagePath(sampleSize)) * -log(threshold)) / Math.LN2;
  return { columns: names, fill, trees, sampleSize, limit };
}

/** Sum of a row's path lengths over all trees. @param row values per column of the forest, nothing missing */
export function pathSum({ trees }: IsolationForest, row: ArrayLike<number>): number {
  let sum = 0;
  for (const { column, value, left } of trees) {
    let node = 0;
    while (column[node]! >= 0) node = left[node]! + (row[column[node]!]! <= value[node]! ? 0 : 1);
    sum += value[node]!;
  }
  return sum;
}

/** Whether a row is an outlier. @param row values per column of the forest; NaN is missing */
export function isIsolated(forest: IsolationForest, row: readonly number[]): boolean {
  const filled = row.map((value, column) => (Number.isNaN(value) ? forest.fill[column]! : value));
  return pathSum(forest, filled) < forest.limit;
}

/** Score of a row, as in the paper: near 1 for an outlier, 0.5 for an average row. */
export function scoreOf(forest: IsolationForest, row: ArrayLike<number>): number {
  return 2 ** (-pathSum(forest, row) / (forest.trees.length * averagePath(forest.sampleSize)));
}

/** Draws uniform numbers in [0, 1) one after another. */
function drawer(stream: RandomStream): () => number {
  let index = 0;
  return () => stream.uint32(index++) * TO_UNIT;
}

/** Different rows, each as likely as any other (Floyd's algorithm). */
function sampleRows(rowCount: number, size: number, draw: () => number): number[] {
  const taken = new Set<number>();
  for (let last = rowCount - size; last < rowCount; last++) {
    const row = Math.floor(draw() * (last + 1));
    taken.add(taken.has(row) ? last : row);
  }
  return [...taken];
}

function growTree(
  columns: readonly Float64Array[],
  sample: readonly number[],
  maxDepth: number,
  draw: () => number,
): IsolationTree {
  const tree = { column: [-1], value: [0], left: [0] };
  const open = [{ node: 0, depth: 0, rows: sample }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, depth, rows } = next;
    const cutAt = depth < maxDepth && rows.length > 1 ? drawCut(columns, rows, draw) : null;
    if (!cutAt) {
      tree.value[node] = inUnits(depth + averagePath(rows.length));
      continue;
    }
    const left = tree.column.length;
    tree.column[node] = cutAt.column;
    tree.value[node] = cutAt.value;
    tree.left[node] = left;
    for (const list of [tree.value, tree.left]) list.push(0, 0);
    tree.column.push(-1, -1);
    const values = columns[cutAt.column]!;
    const isLeft = (row: number): boolean => values[row]! <= cutAt.value;
    open.push({ node: left + 1, depth: depth + 1, rows: rows.filter((row) => !isLeft(row)) });
    open.push({ node: left, depth: depth + 1, rows: rows.filter(isLeft) });
  }
  return tree;
}

/** A random place between the ends of a random column that is not constant; null where all are. */
function drawCut(
  columns: readonly Float64Array[],
  rows: readonly number[],
  draw: () => number,
): { column: number; value: number } | null {
  const order = columns.map((_, index) => index);
  for (let count = order.length; count > 0; count--) {
    const place = Math.floor(draw() * count);
    const column = order[place]!;
    order[place] = order[count - 1]!;
    const values = columns[column]!;
    let minimum = Number.POSITIVE_INFINITY;
    let maximum = Number.NEGATIVE_INFINITY;
    for (const row of rows) {
      minimum = Math.min(minimum, values[row]!);
      maximum = Math.max(maximum, values[row]!);
    }
    if (minimum === maximum) continue;
    const share = draw();
    const value = minimum * (1 - share) + maximum * share;
    return { column, value: value >= maximum ? minimum : Math.max(minimum, value) };
  }
  return null;
}
