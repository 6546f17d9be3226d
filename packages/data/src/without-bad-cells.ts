/** The rows of a table without those that hold a cell which a model cannot take; numbered anew. */
import { cellRejects, firstOfRows } from './bad-cells.js';
import type { CellCheck } from './core/cell-check.js';
import { type RejectSink, Rejects } from './rejects.js';
import { chunkOfRows, type TableChunk, type TableSource } from './table-source.js';

/** What is read of a table chunk by chunk. */
export type TableRows = Pick<TableSource, 'columns' | 'chunks' | 'lineOf'>;

/**
 * Leaves rows with a bad cell out. Is read once.
 * @param skipTo takes these rows, for the first bad cell in each; null refuses the table, naming every bad cell
 */
export function withoutBadCells(
  table: TableSource,
  checks: readonly CellCheck[],
  skipTo: RejectSink | null,
): TableRows {
  const removed: number[] = [];
  return {
    columns: table.columns,
    async *chunks() {
      const refused = new Rejects(null);
      let firstRow = 0;
      for await (const chunk of table.chunks()) {
        const rejects = cellRejects(table, chunk, firstRow, checks);
        for (const { reject } of skipTo ? firstOfRows(rejects) : rejects) (skipTo ?? refused).add(reject);
        const bad = new Set(rejects.map(({ row }) => row));
        for (const row of bad) removed.push(firstRow + row);
        firstRow += chunk.rowCount;
        // What is left of a table that is refused is read to name its other bad cells.
        if (refused.count === 0) yield bad.size === 0 ? chunk : chunkOfRows(chunk, goodRows(chunk, bad));
      }
      refused.refuseAny();
    },
    lineOf: (row) => table.lineOf(removed.reduce((at, gone) => (gone <= at ? at + 1 : at), row)),
  };
}

function goodRows({ rowCount }: TableChunk, bad: ReadonlySet<number>): number[] {
  return Array.from({ length: rowCount }, (_, row) => row).filter((row) => !bad.has(row));
}
