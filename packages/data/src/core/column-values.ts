/** Columns and cells of a chunk as what their format makes of them. */
import type { CodedColumn, TableChunk } from '../table-source.js';
import { type CellContent, type CellFormat, type CellReader, inputReader, inputType } from './cell-format.js';
import { type NumberFormat, PLAIN_NUMBERS, parseNumber } from './number.js';

/** Inputs of a column of texts. */
export interface CodedTexts {
  readonly cells: readonly string[];
  /** Place of each row's text in `cells`. */
  readonly codes: Uint32Array;
}

/** A column that stands at a place of the table. */
interface PlacedColumn {
  /** Position in the table. */
  readonly index: number;
}

/** Whether `TableChunk.numbers` reads a column as its format does. */
export function isPlain(format: CellFormat): boolean {
  return format.type === 'number' && format.decimal === '.' && format.thousands === '';
}

/** The number of each of the cells of a column; NaN is missing. @param read makes that of a cell that is there */
export function codedNumbers({ cells, natives }: CodedColumn, read: CellReader): Float64Array {
  return Float64Array.from(cells, (cell, code) => (cell ? read(cell, natives?.[code] === 1) : Number.NaN));
}

/** Numbers of a column, not to be changed; NaN is missing. @param read makes the number of a cell that is there */
export function columnNumbers(
  chunk: TableChunk,
  { index, format }: PlacedColumn & { readonly format: CellFormat },
  read: CellReader,
): Float64Array {
  if (!isPlain(format)) {
    const coded = chunk.coded(index);
    const values = codedNumbers(coded, read);
    return new Float64Array(coded.codes.length).map((_, row) => values[coded.codes[row]!]!);
  }
  const values = chunk.numbers(index);
  let filled = values;
  for (let row = 0; row < values.length; row++) {
    if (!Number.isNaN(values[row])) continue;
    const cell = chunk.text(index, row);
    if (!cell) continue;
    if (filled === values) filled = values.slice();
    filled[row] = read(cell, chunk.isNative(index, row));
  }
  return filled;
}

/** The numbers of a column that a spec uses as they are: its label or weight. NaN is missing, or no number. */
export function plainNumbers(chunk: TableChunk, index: number, written: NumberFormat): Float64Array {
  const format = { type: 'number', ...written } as const;
  return columnNumbers(chunk, { index, format }, (cell, isNative) =>
    parseNumber(cell, isNative ? PLAIN_NUMBERS : written),
  );
}

/** What the model is given for the cells of a column: numbers by row, or texts. */
export function columnInputs(chunk: TableChunk, column: PlacedColumn & CellContent): Float64Array | CodedTexts {
  const read = inputReader(column);
  if (column.type === 'number' && inputType(column) === 'float64') {
    return columnNumbers(chunk, column, (cell, isNative) => read(cell, isNative) as number);
  }
  const { cells, codes, natives } = chunk.coded(column.index);
  return { cells: cells.map((cell, code) => read(cell, natives?.[code] === 1) as string), codes };
}
