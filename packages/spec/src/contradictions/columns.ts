/** Settings of single columns have to fit their type and each other. */
import { ofColumn } from '../of-column.js';
import type { ColumnSpec, DataSpec, ResolvedJobSpec } from '../schema.js';
import type { Add } from './contradiction.js';

type TypeName = DataSpec['types'][string];

const NUMBER_ONLY = ['scale', 'outliers'] as const;
const TEXT_ONLY = ['encode', 'unknown', 'minFrequency'] as const;

/** Checks `preprocess.columns` against `data` and the settings of the whole table. */
export function checkColumns({ data, preprocess, split }: ResolvedJobSpec, add: Add): void {
  for (const [name, column] of Object.entries(preprocess.columns)) {
    const path = ['preprocess', 'columns', name];
    if (name === data.label) {
      add(path, name, 'The label is not preprocessed as a feature', 'Remove it from preprocess.columns.');
    } else if (data.ignore.includes(name)) {
      add(path, name, `${name} is among the ignored columns`, 'Remove it there or in data.ignore.');
    }
    for (const [key, column] of [
      ['split.groupBy', split.groupBy],
      ['data.weight', data.weight],
    ]) {
      if (name === column) add(path, name, `The column of ${key} is no feature`, 'Remove it from preprocess.columns.');
    }
    const type = ofColumn(data.types, name);
    checkFill(path, column, type, add);
    if (type) checkType(path, column, type, add);
  }
}

/** `fill` counts only for `missing: constant`, and has the type of its column. */
function checkFill(path: readonly string[], column: ColumnSpec, type: TypeName | undefined, add: Add): void {
  if (column.fill === undefined) return;
  const at = [...path, 'fill'];
  if (column.missing !== undefined && column.missing !== 'constant') {
    const message = `fill is never used with missing: ${column.missing}`;
    add(at, column.fill, message, 'Set missing: constant, or remove fill.');
  }
  if (type && type !== 'text' && typeof column.fill === 'string') {
    add(at, column.fill, `The column is a ${type}, fill is text`, 'Give a number, without quotes.');
  }
  if (type === 'text' && typeof column.fill === 'number') {
    add(at, column.fill, 'The column is text, fill is a number', `Write it in quotes: "${column.fill}".`);
  }
}

function checkType(path: readonly string[], column: ColumnSpec, type: TypeName, add: Add): void {
  const other = type === 'text' ? NUMBER_ONLY : TEXT_ONLY;
  for (const key of other) {
    if (column[key] === undefined) continue;
    add([...path, key], column[key], `${key} does nothing for a column of type ${type}`, `Remove ${key}.`);
  }
  const { missing } = column;
  if (type === 'text' && (missing === 'mean' || missing === 'median' || missing === 'knn')) {
    add([...path, 'missing'], missing, `A text column has no ${missing}`, 'Use category, mode, constant or drop.');
  }
  if (type !== 'text' && missing === 'category') {
    add(
      [...path, 'missing'],
      missing,
      `A ${type} has no category for missing`,
      'Use mean, median, mode, constant, knn or drop.',
    );
  }
}
