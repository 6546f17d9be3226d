/** Numeric columns of the training rows, as the passes that fit them read them. */
import { valueReader } from './core/cell-format.js';
import { columnNumbers } from './core/column-values.js';
import { Part } from './core/split.js';
import type { NumberColumn, TableScan } from './scan-table.js';
import type { TableColumns } from './table-source.js';

/** Numeric columns of a table, in file order. */
export function numericColumns({ columns }: TableScan): readonly NumberColumn[] {
  return columns.filter((column) => column.type === 'number');
}

/**
 * Reads the training rows once.
 * @param take gets the numbers of each in the order of `columns`, in an array that is used again, and the row's place in the table
 */
export async function eachTrainingRow(
  table: TableColumns,
  columns: readonly NumberColumn[],
  parts: Uint8Array,
  take: (numbers: Float64Array, row: number) => void,
): Promise<void> {
  const numbers = new Float64Array(columns.length);
  const readers = columns.map(({ format }) => valueReader(format));
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    const found = columns.map((column, at) => columnNumbers(chunk, column, readers[at]!));
    for (let index = 0; index < chunk.rowCount; index++) {
      const row = firstRow + index;
      if (parts[row] !== Part.train) continue;
      for (let at = 0; at < columns.length; at++) numbers[at] = found[at]![index]!;
      take(numbers, row);
    }
    firstRow += chunk.rowCount;
  }
}

/** Rows of the training part. */
export function trainingRows(parts: Uint8Array): number {
  let count = 0;
  for (const part of parts) if (part === Part.train) count++;
  return count;
}
