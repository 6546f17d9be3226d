/** First pass over a table: types of all columns, labels of all rows. */

import { isOutputName } from '@lockstep/model';
import { LockstepError } from '@lockstep/protocol/core';
import { ofColumn, type ResolvedJobSpec } from '@lockstep/spec';
import { tooManyCategories } from './column-errors.js';
import { columnsNotFound } from './columns.js';
import { type CellCheck, formatCheck, weightCheck } from './core/cell-check.js';
import type { CellFormat, ColumnType } from './core/cell-format.js';
import { ColumnScan, type LineOf } from './core/column-scan.js';
import { decideType } from './core/column-type.js';
import { plainNumbers } from './core/column-values.js';
import { type DateFormat, ISO_PATTERN } from './core/date.js';
import { ClassScan, type ScannedLabels, TargetScan, type UnusableRows } from './core/label-scan.js';
import { checkClasses, checkLabelCells, droppedWarning, spellingAdvice, withPositive } from './core/labels.js';
import type { NumberFormat } from './core/number.js';
import { settingsOf } from './core/plan.js';
import { WeightScan } from './core/weights.js';
import { MAX_COUNTED_CATEGORIES, MAX_ROWS } from './limits.js';
import { emptyFile } from './source-file.js';
import type { TableColumns } from './table-source.js';

/** A raw feature column with its place in the file. */
export type RawColumn = NumberColumn | TextColumn;

interface FileColumn {
  readonly name: string;
  /** Position in the file's rows. */
  readonly index: number;
}

/** A column whose cells stand for numbers. */
export interface NumberColumn extends FileColumn {
  readonly type: 'number';
  readonly format: CellFormat;
}

/** A column whose cells are categories. */
export interface TextColumn extends FileColumn {
  readonly type: 'text';
}

/** What the first pass found. */
export interface TableScan {
  readonly rowCount: number;
  readonly columns: readonly RawColumn[];
  readonly labelIndex: number;
  /** Class names in index order; null for a regression. */
  readonly labels: readonly string[] | null;
  /** Class of each row, -1 where it has none; null for a regression. */
  readonly classes: Int32Array | null;
  /** The column that the rows are in order by; null where the spec names none. */
  readonly order: NumberColumn | null;
  /** How single cells are checked, for a pass that leaves bad ones out or names them. */
  readonly checks: readonly CellCheck[];
  /** Errors for the first bad cells of columns in which at least half of the cells can be used. */
  readonly problems: readonly LockstepError[];
  /** Rows without a usable label, which are left out. */
  readonly unlabelled: Pick<UnusableRows, 'has' | 'count'>;
  /** What a user should know about the types found. */
  readonly warnings: readonly string[];
}

type DataParts = Pick<ResolvedJobSpec, 'data' | 'preprocess' | 'split' | 'task'>;

/** Scans the whole table. @throws LockstepError naming column, row and value of what cannot be used */
export async function scanTable(table: TableColumns, fileName: string, spec: DataParts): Promise<TableScan> {
  checkNamedColumns(table.columns, fileName, spec);
  const labelIndex = table.columns.indexOf(spec.data.label);
  const numbers = numberFormat(spec);
  const scans = table.columns.map(
    (name) =>
      new ColumnScan(name, {
        numbers,
        dates: dateFormat(spec, name),
        isText: ofColumn(spec.data.types, name) === 'text',
      }),
  );
  const labels = spec.task === 'regression' ? new TargetScan() : new ClassScan(spec.data.label, spec.data.labels);
  const { weight } = spec.data;
  const weightIndex = weight === undefined ? -1 : table.columns.indexOf(weight);
  const weights = new WeightScan();
  let rowCount = 0;
  for await (const chunk of table.chunks()) {
    scans.forEach((scan, index) => {
      if (index !== labelIndex) scan.addColumn(chunk, index, rowCount);
    });
    // An empty label is none.
    const coded = chunk.coded(labelIndex);
    const labelCells = coded.cells.map((cell) => cell || null);
    scans[labelIndex]!.addCoded({ ...coded, cells: labelCells }, rowCount);
    if (labels instanceof ClassScan) for (const code of coded.codes) labels.add(labelCells[code]!);
    else for (const target of plainNumbers(chunk, labelIndex, numbers)) labels.add(target);
    if (weightIndex >= 0) weights.addColumn(chunk, weightIndex, numbers);
    rowCount += chunk.rowCount;
    if (rowCount > MAX_ROWS) throw new LockstepError('DATA_TOO_LARGE', { message: `More than ${MAX_ROWS} rows.` });
  }
  if (rowCount === 0) {
    throw emptyFile(fileName, 'has a header but no rows');
  }
  const { groupBy } = spec.split;
  const ignored = new Set([
    spec.data.label,
    ...spec.data.ignore,
    ...[groupBy, spec.data.weight].filter((name) => name !== undefined),
  ]);
  const types = new ColumnTypes(scans, spec, table.lineOf);
  const columns = table.columns.flatMap((name, index): RawColumn[] =>
    ignored.has(name) ? [] : rawColumns({ name, index }, types.of(index), spec),
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
  refusePartNames(columns);
  const { unusable } = labels;
  const warnings = columns.flatMap(({ index }) => codeWarning(scans[index]!, spec));
  const tooLarge = labels instanceof TargetScan ? labels.tooLarge : null;
  if (spec.data.labels.onUnusable === 'fail') checkLabelCells(scans[labelIndex]!, spec.task, tooLarge, table.lineOf);
  else if (unusable.count > 0) {
    warnings.push(droppedWarning(spec.data.label, unusable.first, unusable.count, table.lineOf));
  }
  const order = orderColumn(table, types, spec);
  const noWeight = weight === undefined ? null : weights.problem(weight, table.lineOf);
  if (noWeight && weights.badCount > rowCount / 2) throw noWeight;
  const checks = cellChecks(columns, order);
  if (weight !== undefined) checks.push(weightCheck(weight, weightIndex, numbers));
  const problems = [...types.problems, ...(noWeight ? [noWeight] : [])];
  const found = { rowCount, columns, labelIndex, order, checks, problems, unlabelled: unusable };
  if (labels instanceof TargetScan) return { ...found, labels: null, classes: null, warnings };
  const { names, classes, advice } = classesOf(labels, spec);
  return { ...found, labels: names, classes, warnings: [...warnings, ...advice] };
}

/** One check for each column of numbers: parts of a date are taken from the same cells. */
function cellChecks(columns: readonly RawColumn[], order: NumberColumn | null): CellCheck[] {
  const numeric = [...columns, ...(order ? [order] : [])].filter((column) => column.type === 'number');
  const byIndex = new Map(numeric.map((column) => [column.index, column]));
  return [...byIndex.values()].map(formatCheck);
}

/** The classes in their order. @throws LockstepError DATA_LABEL where they do not fit the task */
function classesOf(scan: ClassScan, { data, task }: DataParts): ScannedLabels & { advice: string[] } {
  checkClasses(data.label, task, scan.counts());
  const { positive } = data.labels;
  const result = scan.result((names) =>
    positive === undefined ? names : withPositive(data.label, names, String(positive), data.labels),
  );
  const advice = spellingAdvice(result.names);
  return {
    ...result,
    advice: advice ? [`Classes of the label ${data.label} may be one in several spellings: ${advice}`] : [],
  };
}

/** Features are known by name: a part of a date must not have that of another column. @throws LockstepError DATA_VALUE */
function refusePartNames(columns: readonly RawColumn[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) {
      throw new LockstepError('DATA_VALUE', {
        message: `${name} is a column, and what preprocess.columns makes of the dates of another one.`,
        field: name,
        value: name,
        fix: 'Rename the column, or add it to data.ignore.',
      });
    }
    seen.add(name);
  }
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

/** The column that rows are in order by. @throws LockstepError DATA_VALUE where it holds no numbers or dates */
function orderColumn(table: TableColumns, types: ColumnTypes, spec: DataParts): NumberColumn | null {
  const { orderBy } = spec.split;
  if (orderBy === undefined) return null;
  const index = table.columns.indexOf(orderBy);
  const type = types.of(index);
  const [column] = rawColumns({ name: orderBy, index }, type, spec);
  if (column?.type === 'number' && column.format.type !== 'boolean') return column;
  throw new LockstepError('DATA_VALUE', {
    message: `The column ${orderBy} of split.orderBy holds ${type === 'text' ? type : `${type}s`}, which have no order in time.`,
    field: 'split.orderBy',
    value: orderBy,
    fix: 'Order by a column of numbers or dates; data.dateFormats names the format of dates.',
  });
}

/** How a spec says that numbers are written. */
export function numberFormat({ data }: Pick<DataParts, 'data'>): NumberFormat {
  return { decimal: data.decimal, thousands: data.thousands };
}

/** How a spec says that the dates of a column are written; undefined where it does not say that it holds any. */
export function dateFormat({ data }: Pick<DataParts, 'data'>, name: string): DateFormat | undefined {
  const pattern = ofColumn(data.dateFormats, name) ?? (ofColumn(data.types, name) === 'date' ? ISO_PATTERN : undefined);
  return pattern === undefined ? undefined : { pattern, timeZone: data.timeZone };
}

/** A column of the file, or one for each part of its dates. */
function rawColumns(column: FileColumn, type: ColumnType, spec: DataParts): RawColumn[] {
  if (type === 'text') return [{ ...column, type }];
  if (type === 'boolean') return [{ ...column, type: 'number', format: { type } }];
  if (type === 'number') return [{ ...column, type, format: { type, ...numberFormat(spec) } }];
  const { name } = column;
  const written = dateFormat(spec, name) ?? { pattern: ISO_PATTERN, timeZone: spec.data.timeZone };
  return (ofColumn(spec.preprocess.columns, name)?.dateParts ?? ['timestamp']).map((part) => ({
    ...{ ...column, name: part === 'timestamp' ? name : `${name}.${part}` },
    ...{ type: 'number', format: { type, column: name, part, ...written } },
  }));
}

/** Types of columns, each decided once. */
class ColumnTypes {
  /** Errors for the first bad cell of columns in which at least half of the cells fit. */
  readonly problems: LockstepError[] = [];
  readonly #scans: readonly ColumnScan[];
  readonly #spec: DataParts;
  readonly #lineOf: LineOf;
  readonly #types = new Map<number, ColumnType>();

  constructor(scans: readonly ColumnScan[], spec: DataParts, lineOf: LineOf) {
    this.#scans = scans;
    this.#spec = spec;
    this.#lineOf = lineOf;
  }

  /** The type of a column. @throws LockstepError where it has none, or most cells do not fit the one that it has */
  of(index: number): ColumnType {
    const known = this.#types.get(index);
    if (known !== undefined) return known;
    const type = this.#decide(this.#scans[index]!);
    this.#types.set(index, type);
    return type;
  }

  #decide(scan: ColumnScan): ColumnType {
    const { name, valueCount, nullCount, distinctCount } = scan;
    if (valueCount === 0) {
      throw new LockstepError('DATA_COLUMN_EMPTY', {
        message: `Column ${name} has no values.`,
        field: name,
        value: `${nullCount} missing`,
        fix: `Add ${name} to data.ignore, or fill it.`,
      });
    }
    const { data, preprocess } = this.#spec;
    const { type, problem, mostlyFits } = decideType(scan, {
      ...{ declared: ofColumn(data.types, name), numbers: numberFormat(this.#spec) },
      ...{ dates: dateFormat(this.#spec, name), lineOf: this.#lineOf },
    });
    if (problem && !mostlyFits) throw problem;
    if (problem) this.problems.push(problem);
    const { minFrequency } = settingsOf(preprocess, name, type);
    // Rare ones become one, and which these are is known once training rows are counted.
    const limit = minFrequency > 0 ? MAX_COUNTED_CATEGORIES : preprocess.maxCategories;
    if (type === 'text' && distinctCount > limit) {
      throw tooManyCategories(name, distinctCount, `${valueCount} rows`, limit);
    }
    return type;
  }
}

/** Leading zeros decide the type of a column of numbers; with few of them they may be slips. */
function codeWarning({ name, counts, first }: ColumnScan, { data }: DataParts): string[] {
  if (!first.code || ofColumn(data.types, name) || counts.number === 0) return [];
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
    ...Object.keys(spec.data.dateFormats).map((name): [string, string] => [`data.dateFormats.${name}`, name]),
    ...Object.keys(spec.preprocess.columns).map((name): [string, string] => [`preprocess.columns.${name}`, name]),
    ...(spec.data.weight === undefined ? [] : [['data.weight', spec.data.weight] satisfies [string, string]]),
    ...(['groupBy', 'orderBy'] as const).flatMap((key): [string, string][] => {
      const name = spec.split[key];
      return name === undefined ? [] : [[`split.${key}`, name]];
    }),
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
