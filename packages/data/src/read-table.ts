/** Reads a table for predict and evaluate: columns by name, held to the schema that the model was trained on. */
import { LockstepError } from '@lockstep/protocol/core';
import { columnNotFound, nearestName, shownName } from './columns.js';
import { formatCheck } from './core/cell-check.js';
import { rawName } from './core/cell-format.js';
import type { LineOf } from './core/column-scan.js';
import { placeOf } from './core/column-type.js';
import { type CodedTexts, columnInputs, plainNumbers } from './core/column-values.js';
import { categoryPositions, inputsOf, type PreprocessingPlan } from './core/plan.js';
import { textInput } from './core/text-cell.js';
import { BATCH_ROWS } from './limits.js';
import { openSource } from './open-source.js';
import type { RejectSink } from './rejects.js';
import type { DataFile, ReadingOptions } from './table-file.js';
import type { TableChunk } from './table-source.js';
import { type TableRows, withoutBadCells } from './without-bad-cells.js';

/** Rows of a table by raw column of the model. */
export interface TableBatch {
  readonly firstRow: number;
  readonly rowCount: number;
  /** Inputs of the model per raw column: numbers as float64 (NaN missing), booleans and text as of `textInput`. */
  readonly columns: ReadonlyMap<string, Float64Array | readonly string[]>;
  /** The label column where it was asked for; null is missing. */
  readonly labels: readonly (string | null)[] | null;
  /** The numbers that labels stand for, NaN for none, where labels were asked for. */
  readonly targets: Float64Array | null;
  /** Cells of the columns to keep, by name. */
  readonly kept: ReadonlyMap<string, readonly (string | null)[]>;
  /** Categories not seen in training: column, 0-based row, value. */
  readonly unknown: readonly { readonly column: string; readonly row: number; readonly value: string }[];
}

/** A table opened for a model. */
export interface ModelTable {
  /** Columns of the file that the model does not use. */
  readonly ignored: readonly string[];
  /** Columns that are handed through. */
  readonly kept: readonly string[];
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
  /** Columns to hand through, of those that there are. @default none */
  readonly keep?: (columns: readonly string[]) => readonly string[];
  /** Takes rows that cannot be used, which are left out then. @default the table is refused */
  readonly skipTo?: RejectSink;
}

/** Opens a table. @throws LockstepError DATA_COLUMN_NOT_FOUND naming an absent column and the nearest one */
export async function openTable(request: TableRequest): Promise<ModelTable> {
  const { fileName, plan } = request;
  const table = await openSource({ ...request, nulls: plan.nulls });
  const kept = [...new Set(request.keep?.(table.columns))];
  const wanted = [...rawNames(plan), ...kept, ...(request.withLabel ? [plan.label] : [])];
  const there = new Set(table.columns);
  if (!rawNames(plan).some((name) => there.has(name))) throw unknownHeader(table.columns, plan, fileName);
  for (const name of wanted) {
    if (!there.has(name)) throw columnNotFound(name, name, table.columns, fileName);
  }
  const checks = inputsOf(plan).flatMap((column) => {
    if (column.type !== 'number') return [];
    const { format } = column;
    const name = rawName(column);
    return [formatCheck({ name, index: table.columns.indexOf(name), format })];
  });
  const rows = withoutBadCells(table, checks, request.skipTo ?? null);
  const used = new Set(wanted);
  const ignored = table.columns.filter((name) => !used.has(name));
  return {
    ignored,
    kept,
    batches: () => readBatches(rows, { plan, kept, withLabel: request.withLabel === true }),
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

/** What batches are made of. */
interface BatchParts {
  readonly plan: PreprocessingPlan;
  readonly kept: readonly string[];
  readonly withLabel: boolean;
}

/** Rows of a chunk that follow each other. */
interface Span {
  readonly chunk: TableChunk;
  /** What the model is given for the whole chunk, by raw column. */
  readonly inputs: ReadonlyMap<string, Float64Array | CodedTexts>;
  readonly from: number;
  readonly to: number;
}

async function* readBatches(table: TableRows, request: BatchParts): AsyncGenerator<TableBatch> {
  let spans: Span[] = [];
  let rowCount = 0;
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    const inputs = inputsOfChunk(table, request.plan, chunk);
    for (let from = 0; from < chunk.rowCount; ) {
      const to = Math.min(chunk.rowCount, from + BATCH_ROWS - rowCount);
      spans.push({ chunk, inputs, from, to });
      rowCount += to - from;
      from = to;
      if (rowCount < BATCH_ROWS) break;
      yield toBatch(table, request, spans, firstRow);
      firstRow += rowCount;
      spans = [];
      rowCount = 0;
    }
  }
  if (rowCount > 0) yield toBatch(table, request, spans, firstRow);
}

function inputsOfChunk({ columns }: TableRows, plan: PreprocessingPlan, chunk: TableChunk): Span['inputs'] {
  return new Map(
    inputsOf(plan).map((column) => {
      const name = rawName(column);
      return [name, columnInputs(chunk, { ...column, index: columns.indexOf(name) })];
    }),
  );
}

function toBatch(
  table: TableRows,
  { plan, kept, withLabel }: BatchParts,
  spans: readonly Span[],
  firstRow: number,
): TableBatch {
  const cellsOf = (name: string): (string | null)[] => {
    const column = table.columns.indexOf(name);
    return spans.flatMap(({ chunk, from, to }) => {
      const { cells, codes } = chunk.coded(column);
      return Array.from(codes.subarray(from, to), (code) => cells[code]!);
    });
  };
  const unknown: { column: string; row: number; value: string }[] = [];
  const columns = new Map<string, Float64Array | readonly string[]>();
  for (const column of inputsOf(plan)) {
    const name = rawName(column);
    columns.set(name, joined(name, spans));
    if (column.type === 'text') {
      const positions = categoryPositions(column);
      cellsOf(name).forEach((cell, row) => {
        if (cell !== null && !positions.has(textInput(cell)))
          unknown.push({ column: column.name, row: firstRow + row, value: cell });
      });
    }
  }
  refuseUnknown(plan, unknown, table.lineOf);
  return {
    firstRow,
    rowCount: spans.reduce((sum, { from, to }) => sum + to - from, 0),
    columns,
    // An empty label is none, as in training.
    labels: withLabel ? cellsOf(plan.label).map((cell) => cell || null) : null,
    targets: withLabel ? targetsOf(table, plan, spans) : null,
    kept: new Map(kept.map((name) => [name, cellsOf(name)])),
    unknown,
  };
}

/** The inputs of a column for the rows of some spans. */
function joined(name: string, spans: readonly Span[]): Float64Array | string[] {
  const numbers: number[] = [];
  const texts: string[] = [];
  for (const { inputs, from, to } of spans) {
    const values = inputs.get(name)!;
    if (values instanceof Float64Array) for (const value of values.subarray(from, to)) numbers.push(value);
    else for (const code of values.codes.subarray(from, to)) texts.push(values.cells[code]!);
  }
  return spans[0]!.inputs.get(name) instanceof Float64Array ? Float64Array.from(numbers) : texts;
}

function targetsOf(table: TableRows, { label, numbers }: PreprocessingPlan, spans: readonly Span[]): Float64Array {
  const column = table.columns.indexOf(label);
  return Float64Array.from(
    spans.flatMap(({ chunk, from, to }) => [...plainNumbers(chunk, column, numbers).subarray(from, to)]),
  );
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
    fix: 'Mend the cell, or train with preprocess.unknown: ignore or other.',
  });
}
