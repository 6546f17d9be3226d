/** Reads a table for predict and evaluate: columns by name, held to the schema that the model was trained on. */
import { LockstepError } from '@lockstep/protocol/core';
import { columnNotFound, nearestName, shownName } from './columns.js';
import { inputReader, inputType, rawName } from './core/cell-format.js';
import type { LineOf } from './core/column-scan.js';
import { formatCheck, placeOf, unreadableCell } from './core/column-type.js';
import { type ColumnPlan, categoryPositions, inputsOf, type PreprocessingPlan } from './core/plan.js';
import { textInput } from './core/text-cell.js';
import { BATCH_ROWS } from './limits.js';
import { openSource } from './open-source.js';
import type { RejectSink } from './rejects.js';
import type { DataFile, ReadingOptions } from './table-file.js';
import { type TableRows, withoutBadCells } from './without-bad-cells.js';

/** Rows of a table by raw column of the model. */
export interface TableBatch {
  readonly firstRow: number;
  readonly rowCount: number;
  /** Inputs of the model per raw column: numbers as float64 (NaN missing), booleans and text as of `textInput`. */
  readonly columns: ReadonlyMap<string, Float64Array | readonly string[]>;
  /** The label column where it was asked for and is there; null is missing. */
  readonly labels: readonly (string | null)[] | null;
  /** Cells of the columns to keep, by name. */
  readonly kept: ReadonlyMap<string, readonly (string | null)[]>;
  /** Categories not seen in training: column, 0-based row, value. */
  readonly unknown: readonly { readonly column: string; readonly row: number; readonly value: string }[];
}

/** A table opened for a model. */
export interface ModelTable {
  /** Columns of the file that the model does not use. */
  readonly ignored: readonly string[];
  batches(): AsyncIterable<TableBatch>;
  /** A row that was read, in words: number and line. */
  placeOf(row: number): string;
}

/** What is read. */
export interface TableRequest extends ReadingOptions {
  readonly files: readonly DataFile[];
  /** Name of the whole in messages. */
  readonly fileName: string;
  readonly plan: PreprocessingPlan;
  /** Reads the label column too. @default false */
  readonly withLabel?: boolean;
  /** Columns to hand through. */
  readonly keep?: readonly string[];
  /** Takes rows that cannot be used, which are left out then. @default the table is refused */
  readonly skipTo?: RejectSink;
}

/** Opens a table. @throws LockstepError DATA_COLUMN_NOT_FOUND naming an absent column and the nearest one */
export async function openTable(request: TableRequest): Promise<ModelTable> {
  const { fileName, plan } = request;
  const table = await openSource({ ...request, nulls: plan.nulls });
  const wanted = [...rawNames(plan), ...(request.keep ?? []), ...(request.withLabel ? [plan.label] : [])];
  const there = new Set(table.columns);
  if (!rawNames(plan).some((name) => there.has(name))) throw unknownHeader(table.columns, plan, fileName);
  for (const name of wanted) {
    if (!there.has(name)) throw columnNotFound(name, name, table.columns, fileName);
  }
  const rows = request.skipTo ? withoutBadCells(table, plan, request.skipTo) : table;
  const used = new Set(wanted);
  const ignored = table.columns.filter((name) => !used.has(name));
  return {
    ignored,
    batches: () => readBatches(rows, request),
    placeOf: (row) => placeOf(row, rows.lineOf),
  };
}

function rawNames(plan: PreprocessingPlan): string[] {
  return inputsOf(plan).map(rawName);
}

function unknownHeader(columns: readonly string[], plan: PreprocessingPlan, fileName: string): LockstepError {
  const names = rawNames(plan);
  const wanted = names[0]!;
  const error = columnNotFound(wanted, wanted, columns, fileName);
  if (error.code !== 'DATA_COLUMN_NOT_FOUND' || nearestName(wanted, columns)) return error;
  return new LockstepError('DATA_COLUMN_NOT_FOUND', {
    message: `The first line of ${fileName} names none of the model's ${names.length} columns (${names
      .slice(0, 5)
      .map(shownName)
      .join(', ')}${names.length > 5 ? ', ...' : ''}).`,
    field: wanted,
    value: columns.slice(0, 5).join(', '),
    fix: 'Add a first line with the column names, or check that this is the right file.',
  });
}

async function* readBatches(table: TableRows, request: TableRequest): AsyncGenerator<TableBatch> {
  let pending: (readonly (string | null)[])[] = [];
  let firstRow = 0;
  for await (const rows of table.rows()) {
    pending.push(...rows);
    while (pending.length >= BATCH_ROWS) {
      yield toBatch(table, request, pending.slice(0, BATCH_ROWS), firstRow);
      firstRow += BATCH_ROWS;
      pending = pending.slice(BATCH_ROWS);
    }
  }
  if (pending.length > 0) yield toBatch(table, request, pending, firstRow);
}

function toBatch(
  table: TableRows,
  { plan, keep = [], withLabel }: TableRequest,
  rows: readonly (readonly (string | null)[])[],
  firstRow: number,
): TableBatch {
  const cellsOf = (name: string): (string | null)[] => {
    const index = table.columns.indexOf(name);
    return rows.map((row) => row[index] ?? null);
  };
  const unknown: { column: string; row: number; value: string }[] = [];
  const columns = new Map<string, Float64Array | readonly string[]>();
  for (const column of inputsOf(plan)) {
    const name = rawName(column);
    const cells = cellsOf(name);
    columns.set(name, toInputs(column, cells, firstRow, table.lineOf));
    if (column.type === 'text') {
      const positions = categoryPositions(column);
      cells.forEach((cell, row) => {
        if (cell !== null && !positions.has(textInput(cell)))
          unknown.push({ column: column.name, row: firstRow + row, value: cell });
      });
    }
  }
  refuseUnknown(plan, unknown, table.lineOf);
  return {
    firstRow,
    rowCount: rows.length,
    columns,
    labels: withLabel ? cellsOf(plan.label) : null,
    kept: new Map(keep.map((name) => [name, cellsOf(name)])),
    unknown,
  };
}

/** What the model is given for the cells of a column. @throws LockstepError DATA_VALUE naming a cell that does not fit */
function toInputs(
  column: ColumnPlan,
  cells: readonly (string | null)[],
  firstRow: number,
  lineOf: LineOf,
): Float64Array | readonly string[] {
  if (column.type === 'number') {
    const { format } = column;
    const fits = formatCheck(format);
    cells.forEach((cell, row) => {
      if (!cell || fits(cell)) return;
      throw unreadableCell(rawName(column), format, { row: firstRow + row, text: cell }, lineOf);
    });
  }
  const read = inputReader(column);
  return inputType(column) === 'float64'
    ? Float64Array.from(cells, (cell) => read(cell) as number)
    : cells.map((cell) => read(cell) as string);
}

function refuseUnknown(
  plan: PreprocessingPlan,
  unknown: readonly { readonly column: string; readonly row: number; readonly value: string }[],
  lineOf: LineOf,
): void {
  const strict = new Set(
    plan.columns.flatMap((column) => (column.type === 'text' && column.unknown === 'error' ? [column.name] : [])),
  );
  const first = unknown.find(({ column }) => strict.has(column));
  if (!first) return;
  throw new LockstepError('DATA_UNKNOWN_CATEGORY', {
    message: `Column ${first.column}, ${placeOf(first.row, lineOf)}: the category ${JSON.stringify(first.value)} was not seen in training. Its whole batch of up to ${BATCH_ROWS} rows is refused.`,
    field: first.column,
    value: first.value,
  });
}
