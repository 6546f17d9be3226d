/** Rows that are left out for a cell that its column cannot hold. */
import { rawName } from './core/cell-format.js';
import { badCell, formatCheck } from './core/column-type.js';
import { columnNumbers } from './core/column-values.js';
import type { RejectSink } from './rejects.js';
import type { NumberColumn, TableScan } from './scan-table.js';
import type { TableChunk, TableColumns } from './table-source.js';

/** Hands each row with a bad cell on, for the first one in it. @returns 1 for each such row */
export async function rejectBadCells(table: TableColumns, scan: TableScan, sink: RejectSink): Promise<Uint8Array> {
  const rejected = new Uint8Array(scan.rowCount);
  const columns = scan.columns.filter((column) => column.type === 'number');
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    for (const [row, column] of badRows(chunk, columns)) {
      const text = chunk.text(column.index, row) ?? '';
      const { file, line } = table.placeOf(firstRow + row);
      sink.add({
        ...{ file, line, row: firstRow + row, column: rawName(column), text },
        ...badCell(column.format, text),
      });
      rejected[firstRow + row] = 1;
    }
    firstRow += chunk.rowCount;
  }
  return rejected;
}

/** Rows with a bad cell in their order, each with the first column that has one. */
function badRows(chunk: TableChunk, columns: readonly NumberColumn[]): [number, NumberColumn][] {
  const found = new Map<number, NumberColumn>();
  for (const column of columns) {
    const fits = formatCheck(column.format);
    columnNumbers(chunk, column, (cell) => (fits(cell) ? 0 : Number.POSITIVE_INFINITY)).forEach((value, row) => {
      if (value === Number.POSITIVE_INFINITY && !found.has(row)) found.set(row, column);
    });
  }
  return [...found].sort(([a], [b]) => a - b);
}
