/** Looks at the data of a spec without preparing it: what training would refuse before its first step. */
import { ofColumn } from '@lockstep/spec';
import { ColumnScan } from './core/column-scan.js';
import { decideType } from './core/column-type.js';
import { countParts, type PartCounts } from './core/split.js';
import { CHECKED_ROWS, MAX_CHECKED_BYTES } from './limits.js';
import { openTrainingTable } from './open-training-table.js';
import { planPreparation } from './plan-preparation.js';
import type { PrepareRequest } from './prepare-request.js';
import type { PreparedData } from './prepared-data.js';
import { checkNamedColumns, dateFormat, numberFormat, scanTable } from './scan-table.js';
import { fileState } from './source-file.js';
import type { TableSource } from './table-source.js';

/** What was looked at. */
export interface DataCheck {
  /** Columns of the file. */
  readonly columnCount: number;
  /** Rows that were read. */
  readonly rowCount: number;
  /** What training makes of them; null where not all were read. */
  readonly rows: PartCounts | null;
  /** Bad rows that are left out, as of `PreparedData`; null where one is refused. */
  readonly rejects: PreparedData['rejects'];
  /** Whether these are all rows, and all that training can refuse was looked for. */
  readonly isWhole: boolean;
  /** What a user should know about types and classes. */
  readonly warnings: readonly string[];
}

/**
 * Checks a file against a spec: all of it, or what its header and its first rows can tell for sure where it is too
 * large to be read in a moment.
 * @param maxBytes size of a file above which it is too large
 * @throws LockstepError as preparation for training does
 */
export async function checkData(
  { files, fileName, spec }: Pick<PrepareRequest, 'files' | 'fileName' | 'spec'>,
  maxBytes = MAX_CHECKED_BYTES,
): Promise<DataCheck> {
  let bytes = 0;
  for (const { path, name } of files) bytes += (await fileState(path, name)).bytes;
  const { table, rejects } = await openTrainingTable({ files, spec }, null);
  const columnCount = table.columns.length;
  if (bytes <= maxBytes) {
    const scan = await scanTable(table, fileName, spec);
    const { parts, warnings } = await planPreparation(table, scan, spec, rejects);
    return {
      ...{ columnCount, rowCount: scan.rowCount, rows: countParts(parts), isWhole: true },
      rejects: rejects && { count: rejects.count, byKind: rejects.byKind },
      warnings: [...table.warnings, ...warnings],
    };
  }
  checkNamedColumns(table.columns, fileName, spec);
  const rowCount = await checkFirstRows(table, spec);
  return { columnCount, rowCount, rows: null, rejects: null, isWhole: false, warnings: [] };
}

/** Refuses what no further row can mend: cells of columns whose type the spec names. @returns rows read */
async function checkFirstRows(table: TableSource, spec: PrepareRequest['spec']): Promise<number> {
  const numbers = numberFormat(spec);
  const held = table.columns.flatMap((name, index) => {
    const declared = ofColumn(spec.data.types, name);
    const dates = dateFormat(spec, name);
    const isHeld = dates || (declared && declared !== 'text');
    return isHeld ? [{ index, declared, dates, scan: new ColumnScan(name, { numbers, dates }) }] : [];
  });
  let rowCount = 0;
  for await (const chunk of table.chunks()) {
    for (const { index, scan } of held) scan.addColumn(chunk, index, rowCount);
    rowCount += chunk.rowCount;
    if (rowCount >= CHECKED_ROWS) break;
  }
  // Where bad rows are left out, rows to come may show that most cells fit.
  if (spec.data.onBadRow === 'skip') return rowCount;
  for (const { scan, declared, dates } of held) {
    const { problem } = decideType(scan, { declared, numbers, dates, lineOf: table.lineOf });
    if (problem) throw problem;
  }
  return rowCount;
}
