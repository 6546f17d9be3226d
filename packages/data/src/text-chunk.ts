/** A chunk of cells that are strings already. */
import { classifyCell, parseNumber } from './core/number.js';
import type { TableChunk } from './table-source.js';

/** A chunk of columns of texts; null is missing. */
export function textChunk(rowCount: number, columns: readonly (readonly (string | null)[])[]): TableChunk {
  return {
    rowCount,
    text: (column, row) => columns[column]?.[row] ?? null,
    numbers: (column) => Float64Array.from({ length: rowCount }, (_, row) => plainNumber(columns[column]?.[row])),
  };
}

function plainNumber(cell: string | null | undefined): number {
  return cell && classifyCell(cell) === 'number' ? parseNumber(cell) : Number.NaN;
}
