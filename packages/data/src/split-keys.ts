/** Reads what rows are divided by, where a spec names a column for it: groups that stay together, or an order. */
import { LockstepError } from '@lockstep/protocol/core';
import { cellReader } from './core/cell-format.js';
import { placeOf } from './core/column-type.js';
import type { PrepareRequest } from './prepare-request.js';
import type { TableScan } from './scan-table.js';
import type { TableSource } from './table-source.js';

/** What the rows are divided by; null for what the spec does not name. */
export interface SplitKeys {
  /** Number of each row's group, in the order met. */
  readonly groups: Int32Array | null;
  readonly order: Float64Array | null;
}

/** Reads the keys of all rows. @throws LockstepError DATA_VALUE for a row without one */
export async function readSplitKeys(
  table: TableSource,
  scan: TableScan,
  { split }: Pick<PrepareRequest['spec'], 'split'>,
): Promise<SplitKeys> {
  const { groupBy, orderBy } = split;
  const order = scan.order && orderBy !== undefined ? new Float64Array(scan.rowCount) : null;
  if (order && scan.order) {
    const read = cellReader(scan.order.format);
    await readColumn(table, orderBy!, 'orderBy', scan, (cell, row) => {
      order[row] = read(cell);
    });
  }
  if (groupBy === undefined) return { groups: null, order };
  const numbers = new Map<string, number>();
  const groups = new Int32Array(scan.rowCount);
  await readColumn(table, groupBy, 'groupBy', scan, (cell, row) => {
    const known = numbers.get(cell);
    if (known === undefined) numbers.set(cell, numbers.size);
    groups[row] = known ?? numbers.size - 1;
  });
  checkGroups(groupBy, numbers.size, split);
  return { groups, order };
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

async function readColumn(
  table: TableSource,
  name: string,
  key: string,
  scan: TableScan,
  take: (cell: string, row: number) => void,
): Promise<void> {
  const index = table.columns.indexOf(name);
  let row = 0;
  for await (const rows of table.rows()) {
    for (const cells of rows) {
      const cell = cells[index];
      if (cell) take(cell, row);
      else if (!scan.unlabelled.has(row)) throw missingKey(name, key, placeOf(row, table.lineOf));
      row++;
    }
  }
}

function missingKey(name: string, key: string, place: string): LockstepError {
  return new LockstepError('DATA_VALUE', {
    message: `Column ${name}, ${place}: the cell is missing, but split.${key} divides the rows by it.`,
    field: name,
    value: '',
    fix: `Fill the cell, or remove the row or split.${key}.`,
  });
}
