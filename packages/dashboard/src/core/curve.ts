/** Curves that stay short however long a job runs. */

/** What was measured at one time. */
export interface Row {
  /** Committed steps when it was measured: what a rewind compares with. */
  readonly step: number;
  /** Where it is drawn: a step or an epoch. */
  readonly x: number;
  /** By name; null where a value was no number: the line has a gap. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** Rows by `x`, ascending, as close together at the beginning as at the end. */
export interface Rows {
  /** `x` is cut into buckets this wide; each keeps the rows with its lowest and highest values. */
  readonly width: number;
  readonly rows: readonly Row[];
}

/** One value of a curve; `y` is null where the line has a gap. */
export interface Point {
  readonly x: number;
  readonly y: number | null;
}

/** What is drawn as a line: points by `x`, ascending. */
export type Curve = readonly Point[];

/** Before the first row. */
export const NO_ROWS: Rows = { width: 1, rows: [] };

/** Rows that are kept at most. */
export const MAX_ROWS = 2000;

/** The rows with more behind them; one that came before or again takes the place of those from there on. */
export function appended(before: Rows, added: readonly Row[]): Rows {
  if (added.length === 0) return before;
  let { width } = before;
  let rows = [...before.rows];
  for (const row of added) {
    const last = rows.at(-1);
    if (last && row.x <= last.x) rows = rows.filter(({ x }) => x < row.x);
    rows.push(row);
    reduceLastBucket(rows, width);
    while (rows.length > MAX_ROWS) {
      width *= 2;
      rows = bucketed(rows, width);
    }
  }
  return { width, rows };
}

/** The rows without what was measured after a step. */
export function rewound({ width, rows }: Rows, toStep: number): Rows {
  return { width, rows: rows.filter(({ step }) => step <= toStep) };
}

/** The curve of one value. */
export function curveOf({ rows }: Rows, name: string): Curve {
  return rows.flatMap(({ x, values }) => {
    const y = values[name];
    return y === undefined ? [] : [{ x, y }];
  });
}

/** A value as a row has it. */
export function drawable(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The rows in wider buckets. */
function bucketed(rows: readonly Row[], width: number): Row[] {
  const kept: Row[] = [];
  for (const row of rows) {
    kept.push(row);
    reduceLastBucket(kept, width);
  }
  return kept;
}

/** Leaves of the newest bucket what matters, with the newest row of all; the first row of all stays too. */
function reduceLastBucket(rows: Row[], width: number): void {
  const newest = rows.length - 1;
  const bucketOf = (index: number): number => Math.floor((rows[index]?.x ?? 0) / width);
  // The row before the newest was kept because it was the newest: its own bucket may have no need of it.
  const bucket = bucketOf(newest - 1);
  const end = bucketOf(newest) === bucket ? newest + 1 : newest;
  let start = Math.max(1, newest - 1);
  while (start > 1 && bucketOf(start - 1) === bucket) start -= 1;
  const group = rows.slice(start, end);
  if (group.length < 2) return;
  const needed = extremes(group);
  rows.splice(start, group.length, ...group.filter((row) => needed.has(row) || row === rows[newest]));
}

/** Of each value the rows with its lowest and its highest; a gap stays one in place of the lowest. */
function extremes(group: readonly Row[]): ReadonlySet<Row> {
  const needed = new Set<Row>();
  for (const name of new Set(group.flatMap(({ values }) => Object.keys(values)))) {
    let lowest: Row | undefined;
    let highest: Row | undefined;
    let gap: Row | undefined;
    for (const row of group) {
      const value = row.values[name];
      if (value === null) gap ??= row;
      if (value === null || value === undefined) continue;
      if (!lowest || value < (lowest.values[name] ?? 0)) lowest = row;
      if (!highest || value > (highest.values[name] ?? 0)) highest = row;
    }
    for (const row of [gap ?? lowest, highest]) if (row) needed.add(row);
  }
  return needed;
}
