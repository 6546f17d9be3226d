/** Finds outliers in the training rows, before anything else is fitted: bounds, the forest, and rows to leave out. */

import { LockstepError } from '@lockstep/protocol/core';
import { ofColumn } from '@lockstep/spec';
import { rawName, typeName } from './core/cell-format.js';
import { fitForest, type IsolationForest, isIsolated } from './core/isolation-forest.js';
import { type Bounds, boundsOf, type ColumnOutliers, columnOutliers, isOutside, rowOutliers } from './core/outliers.js';
import { quantile } from './core/quantiles.js';
import { Part } from './core/split.js';
import { MAX_OUTLIER_NUMBERS } from './limits.js';
import type { PrepareRequest } from './prepare-request.js';
import type { NumberColumn, TableScan } from './scan-table.js';
import type { TableColumns } from './table-source.js';
import { eachTrainingRow, numericColumns, trainingRows } from './training-numbers.js';

/** What was found. */
export interface OutlierFit {
  /** Bounds that values are cut to, by column. */
  readonly clip: ReadonlyMap<string, Bounds>;
  /** Bounds beyond which a value is flagged, by column; only where training has such values. */
  readonly flag: ReadonlyMap<string, Bounds>;
  /** Flags rows. */
  readonly forest: IsolationForest | null;
  readonly warnings: readonly string[];
}

/** A column with its values in the training rows, in order; NaN is missing. */
interface Watched {
  readonly name: string;
  readonly own: ColumnOutliers | null;
  /** Whether the forest looks at it. */
  readonly isOfRows: boolean;
  readonly values: Float64Array;
}

const NOTHING: OutlierFit = { clip: new Map(), flag: new Map(), forest: null, warnings: [] };

/**
 * Finds outliers and takes rows out of the training part where the spec says so.
 * @param parts part of each row; changed where rows are dropped
 * @throws LockstepError DATA_TOO_LARGE, DATA_EMPTY when no training row is left
 */
export async function fitOutliers(
  table: TableColumns,
  scan: TableScan,
  parts: Uint8Array,
  spec: PrepareRequest['spec'],
): Promise<OutlierFit> {
  const { preprocess, split } = spec;
  const byRow = rowOutliers(preprocess);
  // Columns with settings of their own take no part in those of the table.
  const ofRows = (column: NumberColumn): boolean =>
    byRow !== null && ofColumn(preprocess.columns, rawName(column))?.outliers === undefined;
  const columns = numericColumns(scan).filter(
    (column) => typeName(column) !== 'boolean' && (columnOutliers(preprocess, rawName(column)) || ofRows(column)),
  );
  if (columns.length === 0) return NOTHING;
  const { values, rows } = await readColumns(table, columns, parts);
  const watched = columns.map((column, index): Watched => {
    const own = columnOutliers(preprocess, rawName(column));
    return { name: column.name, own, isOfRows: ofRows(column), values: values[index]! };
  });
  const bounds = new Map(watched.flatMap(({ name, own, values }) => bound(name, own && boundsOf(values, own))));
  const members = watched.filter(({ isOfRows }) => isOfRows);
  const forest = byRow && members.length > 0 ? growForest(members, split.seed, byRow.threshold) : null;
  const dropped = new DroppedRows(rows, parts);
  for (const { name, own, values } of watched) {
    if (own?.action === 'drop') dropped.add(name, values, (value) => isOutside(bounds.get(name)!, value));
  }
  if (forest && byRow?.action === 'drop') {
    dropped.addRows('isolationForest', (index) =>
      isIsolated(
        forest,
        members.map(({ values }) => values[index]!),
      ),
    );
  }
  const warnings = dropped.finish();
  const withAction = (action: ColumnOutliers['action']): Watched[] =>
    watched.filter(({ own }) => own?.action === action);
  return {
    clip: new Map(withAction('clip').flatMap(({ name }) => bound(name, bounds.get(name)))),
    flag: new Map(
      withAction('flag').flatMap(({ name, values }) => {
        const found = bounds.get(name);
        const isMet = found && values.some((value, index) => isOutside(found, value) && !dropped.has(index));
        return isMet ? bound(name, found) : [];
      }),
    ),
    forest: byRow?.action === 'flag' ? forest : null,
    warnings,
  };
}

function bound(name: string, bounds: Bounds | null | undefined): [string, Bounds][] {
  return bounds ? [[name, bounds]] : [];
}

async function readColumns(
  table: TableColumns,
  columns: readonly NumberColumn[],
  parts: Uint8Array,
): Promise<{ values: readonly Float64Array[]; rows: Uint32Array }> {
  const rowCount = trainingRows(parts);
  if (rowCount * columns.length > MAX_OUTLIER_NUMBERS) {
    throw new LockstepError('DATA_TOO_LARGE', {
      message: `Outliers are looked for in ${rowCount} training rows of ${columns.length} columns, at most ${MAX_OUTLIER_NUMBERS} numbers in all.`,
      field: 'preprocess.outliers',
      value: String(rowCount * columns.length),
      fix: 'Set preprocess.columns.<column>.outliers for the columns that matter, in place of preprocess.outliers.',
    });
  }
  const values = columns.map(() => new Float64Array(rowCount));
  const rows = new Uint32Array(rowCount);
  let index = 0;
  await eachTrainingRow(table, columns, parts, (numbers, row) => {
    rows[index] = row;
    for (let at = 0; at < values.length; at++) values[at]![index] = numbers[at]!;
    index++;
  });
  return { values, rows };
}

/** A missing number counts as the median of its column; a column without any as 0. */
function growForest(members: readonly Watched[], seed: number, threshold: number): IsolationForest {
  const fill = members.map(({ values }) => {
    const present = values.filter((value) => !Number.isNaN(value)).sort();
    return present.length > 0 ? quantile(present, 0.5) : 0;
  });
  const columns = members.map(({ values }, column) =>
    values.map((value) => (Number.isNaN(value) ? fill[column]! : value)),
  );
  return fitForest({ names: members.map(({ name }) => name), columns, fill, seed, threshold });
}

/** Training rows that are left out, with what took them out. */
class DroppedRows {
  readonly #rows: Uint32Array;
  readonly #parts: Uint8Array;
  readonly #dropped: Uint8Array;
  readonly #counts: string[] = [];

  constructor(rows: Uint32Array, parts: Uint8Array) {
    this.#rows = rows;
    this.#parts = parts;
    this.#dropped = new Uint8Array(rows.length);
  }

  add(name: string, values: Float64Array, isOutlier: (value: number) => boolean): void {
    this.addRows(name, (index) => isOutlier(values[index]!));
  }

  addRows(what: string, isOutlier: (index: number) => boolean): void {
    let count = 0;
    for (let index = 0; index < this.#dropped.length; index++) {
      if (!isOutlier(index)) continue;
      this.#dropped[index] = 1;
      count++;
    }
    if (count > 0) this.#counts.push(`${what} ${count}`);
  }

  has(index: number): boolean {
    return this.#dropped[index] === 1;
  }

  /** Takes them out. @returns what a user should know @throws LockstepError DATA_EMPTY */
  finish(): string[] {
    let count = 0;
    for (let index = 0; index < this.#dropped.length; index++) {
      if (!this.has(index)) continue;
      this.#parts[this.#rows[index]!] = Part.dropped;
      count++;
    }
    if (count === 0) return [];
    if (count === this.#rows.length) {
      throw new LockstepError('DATA_EMPTY', {
        message: `Every one of the ${count} training rows is an outlier (${this.#counts.join(', ')}).`,
        field: 'preprocess.outliers',
        value: String(count),
        fix: 'Raise the threshold, or set action: clip or flag.',
      });
    }
    return [`${count} of ${this.#rows.length} training rows are left out as outliers (${this.#counts.join(', ')}).`];
  }
}
