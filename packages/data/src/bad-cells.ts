/** Rows with cells that their columns cannot hold: left out and handed on, or all named in one error. */
import type { LockstepError } from '@lockstep/protocol/core';
import { badCells, type CellCheck } from './core/cell-check.js';
import { type Reject, type RejectSink, Rejects } from './rejects.js';
import type { TableChunk, TableColumns } from './table-source.js';

/** A bad cell with its row in the chunk. */
export interface CellReject {
  readonly row: number;
  readonly reject: Reject;
}

/** The bad cells of a chunk, row by row. @param firstRow of the table */
export function cellRejects(
  table: TableColumns,
  chunk: TableChunk,
  firstRow: number,
  checks: readonly CellCheck[],
): readonly CellReject[] {
  return badCells(chunk, checks).map(({ row, check }) => {
    const { column, index } = check;
    const text = chunk.text(index, row) ?? '';
    const place = table.placeOf(firstRow + row);
    return { row, reject: { place, row: firstRow + row, column, text, ...check.faultOf(chunk, row) } };
  });
}

/** The first bad cell of each row. */
export function firstOfRows(rejects: readonly CellReject[]): readonly CellReject[] {
  return rejects.filter(({ row }, at) => rejects[at - 1]?.row !== row);
}

/** Hands each row with a bad cell on, for the first one in it. @returns 1 for each such row */
export async function rejectBadCells(
  table: TableColumns,
  { rowCount, checks }: { readonly rowCount: number; readonly checks: readonly CellCheck[] },
  sink: RejectSink,
): Promise<Uint8Array> {
  const rejected = new Uint8Array(rowCount);
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    for (const { row, reject } of firstOfRows(cellRejects(table, chunk, firstRow, checks))) {
      sink.add(reject);
      rejected[firstRow + row] = 1;
    }
    firstRow += chunk.rowCount;
  }
  return rejected;
}

/**
 * The error that names every bad cell of a table.
 * @param problems errors for the first bad cell of each column that has one: they say what to do about it
 */
export async function badCellsError(
  table: TableColumns,
  checks: readonly CellCheck[],
  problems: readonly LockstepError[],
): Promise<LockstepError> {
  const rejects = new Rejects(null);
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    for (const { reject } of cellRejects(table, chunk, firstRow, checks)) rejects.add(reject);
    firstRow += chunk.rowCount;
  }
  // Alone, a cell is best explained by what its column makes of it.
  if (rejects.count === 1) return problems[0]!;
  const fixes = new Set(problems.map(({ fix }) => fix));
  return rejects.error(`${[...fixes].join(' ')} data.onBadRow: skip leaves such rows out.`);
}
