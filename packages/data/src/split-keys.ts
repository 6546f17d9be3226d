/** Reads what rows are divided by, where a spec names a column for it: groups that stay together, or an order. */
import { LockstepError } from '@lockstep/protocol/core';
import { cellReader, rawName } from './core/cell-format.js';
import { placeOf } from './core/column-type.js';
import { columnNumbers } from './core/column-values.js';
import type { PrepareRequest } from './prepare-request.js';
import type { NumberColumn, TableScan } from './scan-table.js';
import type { TableColumns } from './table-source.js';

/** What the rows are divided by; null for what the spec does not name. */
export interface SplitKeys {
  /** Number of each row's group, in the order met. */
  readonly groups: Int32Array | null;
  readonly order: Float64Array | null;
}

/** Reads the keys of all rows. @throws LockstepError DATA_VALUE for a row without one */
export async function readSplitKeys(
  table: TableColumns,
  scan: TableScan,
  { split }: Pick<PrepareRequest['spec'], 'split'>,
): Promise<SplitKeys> {
  const order = scan.order ? await readOrder(table, scan, scan.order) : null;
  return { groups: split.groupBy === undefined ? null : await readGroups(table, scan, split.groupBy, split), order };
}

async function readOrder(table: TableColumns, scan: TableScan, column: NumberColumn): Promise<Float64Array> {
  const order = new Float64Array(scan.rowCount);
  const read = cellReader(column.format);
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    const values = columnNumbers(chunk, column, read);
    for (let row = 0; row < values.length; row++) {
      const isMissing = Number.isNaN(values[row]) && !chunk.text(column.index, row);
      if (isMissing && !scan.unlabelled.has(firstRow + row)) {
        throw missingKey(rawName(column), 'orderBy', placeOf(firstRow + row, table.lineOf));
      }
    }
    order.set(values, firstRow);
    firstRow += chunk.rowCount;
  }
  return order;
}

async function readGroups(
  table: TableColumns,
  scan: TableScan,
  name: string,
  split: PrepareRequest['spec']['split'],
): Promise<Int32Array> {
  const index = table.columns.indexOf(name);
  const numbers = new Map<string, number>();
  const groups = new Int32Array(scan.rowCount);
  let firstRow = 0;
  for await (const chunk of table.chunks()) {
    const { cells, codes } = chunk.coded(index);
    for (let row = 0; row < chunk.rowCount; row++) {
      const cell = cells[codes[row]!];
      if (cell) {
        const known = numbers.get(cell);
        if (known === undefined) numbers.set(cell, numbers.size);
        groups[firstRow + row] = known ?? numbers.size - 1;
      } else if (!scan.unlabelled.has(firstRow + row)) {
        throw missingKey(name, 'groupBy', placeOf(firstRow + row, table.lineOf));
      }
    }
    firstRow += chunk.rowCount;
  }
  checkGroups(name, numbers.size, split);
  return groups;
}

/** Each part needs a group of its own. */
function checkGroups(column: string, found: number, split: PrepareRequest['spec']['split']): void {
  const needed = 1 + Number(split.test > 0) + Number(split.validation > 0);
  if (found >= needed) return;
  throw new LockstepError('DATA_VALUE', {
    message: `The column ${column} of split.groupBy has ${found === 1 ? 'one group' : `${found} groups`}, but there are ${needed} parts.`,
    field: 'split.groupBy',
    value: String(found),
    fix: 'Group by another column, or set split.test and split.validation to 0.',
  });
}

function missingKey(name: string, key: string, place: string): LockstepError {
  return new LockstepError('DATA_VALUE', {
    message: `Column ${name}, ${place}: the cell is missing, but split.${key} divides the rows by it.`,
    field: name,
    value: '',
    fix: `Fill the cell, or remove the row or split.${key}.`,
  });
}
