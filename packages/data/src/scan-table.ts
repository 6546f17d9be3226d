/** First pass over a table: types of all columns, labels of all rows. */

import { isOutputName } from '@lockstep/model';
import { LockstepError } from '@lockstep/protocol/core';
import type { ResolvedJobSpec } from '@lockstep/spec';
import { columnsNotFound } from './columns.js';
import { ColumnScan, decideType, type LineOf } from './core/column-scan.js';
import { checkClasses, checkLabelCells, labelError, orderClasses } from './core/labels.js';
import { MAX_CLASSES, MAX_ROWS } from './limits.js';
import { emptyFile } from './source-file.js';
import type { TableSource } from './table-source.js';

/** A raw feature column with its place in the file. */
export interface RawColumn {
  readonly name: string;
  /** Position in the file's rows. */
  readonly index: number;
  readonly type: 'number' | 'text';
}

/** What the first pass found. */
export interface TableScan {
  readonly rowCount: number;
  readonly columns: readonly RawColumn[];
  readonly labelIndex: number;
  /** Class names in index order; null for a regression. */
  readonly labels: readonly string[] | null;
  /** Class of each row; null for a regression. */
  readonly classes: Int32Array | null;
  /** What a user should know about the types found. */
  readonly warnings: readonly string[];
}

type DataParts = Pick<ResolvedJobSpec, 'data' | 'preprocess' | 'task'>;

/** Scans the whole table. @throws LockstepError naming column, row and value of what cannot be used */
export async function scanTable(table: TableSource, fileName: string, spec: DataParts): Promise<TableScan> {
  checkNamedColumns(table.columns, fileName, spec);
  const labelIndex = table.columns.indexOf(spec.data.label);
  const scans = table.columns.map((name) => new ColumnScan(name));
  const classOf = new Map<string, number>();
  let seen = new Int32Array(1024);
  let rowCount = 0;
  for await (const rows of table.rows()) {
    for (const row of rows) {
      // An empty label is none.
      const label = row[labelIndex] || null;
      for (let index = 0; index < scans.length; index++) {
        scans[index]!.add(index === labelIndex ? label : (row[index] ?? null), rowCount);
      }
      if (label !== null && spec.task !== 'regression') {
        if (rowCount >= seen.length) seen = grow(seen);
        seen[rowCount] = classNumber(classOf, label, spec.data.label);
      }
      if (++rowCount > MAX_ROWS) throw new LockstepError('DATA_TOO_LARGE', { message: `More than ${MAX_ROWS} rows.` });
    }
  }
  if (rowCount === 0) {
    throw emptyFile(fileName, 'has a header but no rows');
  }
  const ignored = new Set([spec.data.label, ...spec.data.ignore]);
  const columns = table.columns.flatMap((name, index): RawColumn[] =>
    ignored.has(name) ? [] : [{ name, index, type: typeOf(scans[index]!, spec, table.lineOf) }],
  );
  if (columns.length === 0) {
    throw new LockstepError('DATA_COLUMN_NOT_FOUND', {
      message: `${fileName} has no feature columns beside the label.`,
      field: 'data.ignore',
      value: spec.data.ignore.join(', '),
    });
  }
  const clash = columns.find(({ name }) => isOutputName(name));
  if (clash) throw outputNameError(clash.name);
  const warnings = columns.flatMap(({ index }) => codeWarning(scans[index]!, spec));
  checkLabelCells(scans[labelIndex]!, spec.task, table.lineOf);
  if (spec.task === 'regression') {
    return { rowCount, columns, labelIndex, labels: null, classes: null, warnings };
  }
  const labels = orderClasses(classOf.keys());
  checkClasses(spec.data.label, spec.task, labels);
  const order = new Map(labels.map((label, index) => [classOf.get(label)!, index]));
  return {
    rowCount,
    columns,
    labelIndex,
    labels,
    classes: seen.subarray(0, rowCount).map((found) => order.get(found)!),
    warnings,
  };
}

/** model.onnx takes columns under their own names, beside its outputs. */
function outputNameError(name: string): LockstepError {
  return new LockstepError('MODEL_INVALID', {
    message: `The column ${name} has the name of an output of the model.`,
    field: 'data',
    value: name,
    fix: 'Rename the column, or add it to data.ignore.',
  });
}

function typeOf(scan: ColumnScan, spec: DataParts, lineOf: LineOf): 'number' | 'text' {
  if (scan.valueCount === 0) {
    throw new LockstepError('DATA_COLUMN_EMPTY', {
      message: `Column ${scan.name} has no values.`,
      field: scan.name,
      value: `${scan.nullCount} missing`,
      fix: `Add ${scan.name} to data.ignore, or fill it.`,
    });
  }
  return decideType(scan, spec.data.types[scan.name], lineOf);
}

/** Leading zeros decide the type of a column of numbers; with few of them they may be slips. */
function codeWarning({ name, counts, first }: ColumnScan, { data }: DataParts): string[] {
  if (!first.code || data.types[name] || counts.number === 0) return [];
  const example = JSON.stringify(first.code.text);
  return [
    `Column ${name} is text because of leading zeros (row ${first.code.row + 1}: ${example}); set data.types: {${name}: number} if it holds numbers.`,
  ];
}

/** Refuses names in a spec that are no columns, and settings that no feature takes. @throws LockstepError */
export function checkNamedColumns(columns: readonly string[], fileName: string, spec: DataParts): void {
  const named: [string, string][] = [
    ['data.label', spec.data.label],
    ...spec.data.ignore.map((name): [string, string] => ['data.ignore', name]),
    ...Object.keys(spec.data.types).map((name): [string, string] => [`data.types.${name}`, name]),
    ...Object.keys(spec.preprocess.columns).map((name): [string, string] => [`preprocess.columns.${name}`, name]),
  ];
  const there = new Set(columns);
  const absent = named.filter(([, name]) => !there.has(name));
  if (absent.length > 0) throw columnsNotFound(absent, columns, fileName);
  const unused = Object.keys(spec.preprocess.columns).find(
    (name) => name === spec.data.label || spec.data.ignore.includes(name),
  );
  if (unused === undefined) return;
  throw new LockstepError('SPEC_CONTRADICTION', {
    message: `preprocess.columns has settings for ${unused}, which is ${unused === spec.data.label ? 'the label' : 'in data.ignore'} and so no feature.`,
    field: `preprocess.columns.${unused}`,
    value: unused,
    fix: `Remove preprocess.columns.${unused}.`,
  });
}

function classNumber(classOf: Map<string, number>, label: string, column: string): number {
  const known = classOf.get(label);
  if (known !== undefined) return known;
  if (classOf.size === MAX_CLASSES) {
    throw labelError(
      column,
      `The label ${column} has more than ${MAX_CLASSES} classes.`,
      label,
      'Use loss: mse for a number, or another label.',
    );
  }
  classOf.set(label, classOf.size);
  return classOf.size - 1;
}

function grow(from: Int32Array): Int32Array<ArrayBuffer> {
  const to = new Int32Array(from.length * 2);
  to.set(from);
  return to;
}
