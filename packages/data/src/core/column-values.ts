/** Columns of a chunk as what their format makes of them. */
import type { TableChunk } from '../table-source.js';
import { type CellContent, type CellFormat, inputReader, inputType } from './cell-format.js';

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

/** Numbers of a column, not to be changed; NaN is missing. @param read makes the number of a cell that is there */
export function columnNumbers(
  chunk: TableChunk,
  { index, format }: PlacedColumn & { readonly format: CellFormat },
  read: (cell: string) => number,
): Float64Array {
  if (!isPlain(format)) {
    const { cells, codes } = chunk.coded(index);
    const values = Float64Array.from(cells, (cell) => (cell ? read(cell) : Number.NaN));
    return new Float64Array(codes.length).map((_, row) => values[codes[row]!]!);
  }
  const values = chunk.numbers(index);
  let filled = values;
  for (let row = 0; row < values.length; row++) {
    if (!Number.isNaN(values[row])) continue;
    const cell = chunk.text(index, row);
    if (!cell) continue;
    if (filled === values) filled = values.slice();
    filled[row] = read(cell);
  }
  return filled;
}

/** What the model is given for the cells of a column: numbers by row, or texts. */
export function columnInputs(chunk: TableChunk, column: PlacedColumn & CellContent): Float64Array | CodedTexts {
  const read = inputReader(column);
  if (column.type === 'number' && inputType(column) === 'float64') {
    return columnNumbers(chunk, column, (cell) => read(cell) as number);
  }
  const { cells, codes } = chunk.coded(column.index);
  return { cells: cells.map((cell) => read(cell) as string), codes };
}
