/** The rows of a table without those that hold a cell which a model cannot take; numbered anew. */
import { rawName } from './core/cell-format.js';
import { badCell, formatCheck } from './core/column-type.js';
import { inputsOf, type PreprocessingPlan } from './core/plan.js';
import type { RejectSink } from './rejects.js';
import type { Row, TableSource } from './table-source.js';

/** What is read of a table row by row. */
export type TableRows = Pick<TableSource, 'columns' | 'rows' | 'lineOf'>;

/** Hands rows with a bad cell to `sink`, for the first one in each, and leaves them out. Is read once. */
export function withoutBadCells(table: TableSource, plan: PreprocessingPlan, sink: RejectSink): TableRows {
  const checks = inputsOf(plan).flatMap((column) => {
    if (column.type !== 'number') return [];
    const { format } = column;
    const name = rawName(column);
    return [{ name, index: table.columns.indexOf(name), format, fits: formatCheck(format) }];
  });
  const removed: number[] = [];
  let tableRow = 0;
  const isGood = (cells: Row): boolean => {
    const row = tableRow++;
    const bad = checks.find(({ index, fits }) => cells[index] && !fits(cells[index]));
    if (!bad) return true;
    const text = cells[bad.index]!;
    const { file, line } = table.placeOf(row);
    sink.add({ ...{ file, line, row, column: bad.name, text }, ...badCell(bad.format, text) });
    removed.push(row);
    return false;
  };
  return {
    columns: table.columns,
    async *rows() {
      for await (const rows of table.rows()) yield rows.filter(isGood);
    },
    lineOf: (row) => table.lineOf(removed.reduce((at, gone) => (gone <= at ? at + 1 : at), row)),
  };
}
