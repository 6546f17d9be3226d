/** Columns of a chunk as what their format makes of them. */
import type { TableChunk } from '../table-source.js';
import { type CellContent, type CellFormat, inputReader, inputType } from './cell-format.js';

/** A column that stands at a place of the table. */
interface PlacedColumn {
  /** Position in the table. */
  readonly index: number;
}

/** Whether `TableChunk.numbers` reads a column as its format does. */
export function isPlain(format: CellFormat): boolean {
  return format.type === 'number' && format.decimal === '.' && format.thousands === '';
}

/** Numbers of a column; NaN is missing. @param read makes the number of a cell that is there */
export function columnNumbers(
  chunk: TableChunk,
  { index, format }: PlacedColumn & { readonly format: CellFormat },
  read: (cell: string) => number,
): Float64Array {
  const values = isPlain(format) ? chunk.numbers(index) : new Float64Array(chunk.rowCount).fill(Number.NaN);
  for (let row = 0; row < values.length; row++) {
    if (!Number.isNaN(values[row])) continue;
    const cell = chunk.text(index, row);
    if (cell) values[row] = read(cell);
  }
  return values;
}

/** What the model is given for the cells of a column. */
export function columnInputs(
  chunk: TableChunk,
  column: PlacedColumn & CellContent,
): Float64Array | readonly (string | number)[] {
  const read = inputReader(column);
  if (column.type === 'number' && inputType(column) === 'float64') {
    return columnNumbers(chunk, column, (cell) => read(cell) as number);
  }
  return Array.from({ length: chunk.rowCount }, (_, row) => read(chunk.text(column.index, row)));
}
