/** Reads a table for predict and evaluate: columns by name, held to the schema that the model was trained on. */
import { LockstepError } from '@lockstep/protocol/core';
import { columnNotFound, nearestName, shownName } from './columns.js';
import { type LineOf, placeOf, unusableCell } from './core/column-scan.js';
import { classifyCell, parseNumber } from './core/number.js';
import { type ColumnPlan, categoryPositions, type PreprocessingPlan } from './core/plan.js';
import { textInput } from './core/text-cell.js';
import { BATCH_ROWS } from './limits.js';
import { openSource } from './open-source.js';
import type { DataFile, ReadingOptions } from './table-file.js';
import type { TableSource } from './table-source.js';

/** Rows of a table by raw column of the model. */
export interface TableBatch {
  readonly firstRow: number;
  readonly rowCount: number;
  /** Values per raw column: numbers as float64 (NaN missing), text as strings as of `textInput`. */
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
  close(): void;
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
}

/** Opens a table. @throws LockstepError DATA_COLUMN_NOT_FOUND naming an absent column and the nearest one */
export async function openTable(request: TableRequest): Promise<ModelTable> {
  const { fileName, plan } = request;
  const table = await openSource({ ...request, nulls: plan.nulls });
  try {
    const wanted = [
      ...plan.columns.map(({ name }) => name),
      ...(request.keep ?? []),
      ...(request.withLabel ? [plan.label] : []),
    ];
    const there = new Set(table.columns);
    if (!plan.columns.some(({ name }) => there.has(name))) throw unknownHeader(table.columns, plan, fileName);
    for (const name of wanted) {
      if (!there.has(name)) throw columnNotFound(name, name, table.columns, fileName);
    }
    const used = new Set(wanted);
    const ignored = table.columns.filter((name) => !used.has(name));
    return {
      ignored,
      close: () => table.close(),
      batches: () => readBatches(table, request),
      placeOf: (row) => placeOf(row, table.lineOf),
    };
  } catch (thrown) {
    table.close();
    throw thrown;
  }
}

function unknownHeader(columns: readonly string[], plan: PreprocessingPlan, fileName: string): LockstepError {
  const wanted = plan.columns[0]!.name;
  const error = columnNotFound(wanted, wanted, columns, fileName);
  if (error.code !== 'DATA_COLUMN_NOT_FOUND' || nearestName(wanted, columns)) return error;
  return new LockstepError('DATA_COLUMN_NOT_FOUND', {
    message: `The first line of ${fileName} names none of the model's ${plan.columns.length} columns (${plan.columns
      .slice(0, 5)
      .map(({ name }) => shownName(name))
      .join(', ')}${plan.columns.length > 5 ? ', ...' : ''}).`,
    field: wanted,
    value: columns.slice(0, 5).join(', '),
    fix: 'Add a first line with the column names, or check that this is the right file.',
  });
}

async function* readBatches(table: TableSource, request: TableRequest): AsyncGenerator<TableBatch> {
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
  table: TableSource,
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
  for (const column of plan.columns) {
    const cells = cellsOf(column.name);
    columns.set(
      column.name,
      column.type === 'number' ? toNumbers(column, cells, firstRow, table.lineOf) : cells.map(textInput),
    );
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

function toNumbers(
  column: ColumnPlan,
  cells: readonly (string | null)[],
  firstRow: number,
  lineOf: LineOf,
): Float64Array {
  return Float64Array.from(cells, (cell, row) => {
    if (!cell) return Number.NaN;
    const kind = classifyCell(cell);
    if (kind === 'number' || kind === 'code') return parseNumber(cell);
    throw unusableCell(column.name, kind, { row: firstRow + row, text: cell }, lineOf);
  });
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
