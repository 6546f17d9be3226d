/** Looks at the data of a spec without preparing it: what training would refuse before its first step. */
import { openCsv } from './duckdb/csv.js';
import { MAX_CHECKED_BYTES } from './limits.js';
import { planPreparation } from './plan-preparation.js';
import type { PrepareRequest } from './prepare-request.js';
import { checkNamedColumns } from './scan-table.js';
import { fileState } from './source-file.js';

/** What was looked at. */
export interface DataCheck {
  /** Columns of the file. */
  readonly columnCount: number;
  /** Rows of the file; null where only its header was looked at, as of one above `MAX_CHECKED_BYTES`. */
  readonly rowCount: number | null;
  /** What a user should know about types and classes. */
  readonly warnings: readonly string[];
}

/**
 * Checks a file against a spec: all of it, or its header where it is too large to be read in a moment.
 * @param maxBytes from where on only the header is looked at
 * @throws LockstepError as preparation for training does
 */
export async function checkData(
  { source, fileName, spec }: Pick<PrepareRequest, 'source' | 'fileName' | 'spec'>,
  maxBytes = MAX_CHECKED_BYTES,
): Promise<DataCheck> {
  const { bytes } = await fileState(source, fileName);
  const table = await openCsv({ path: source, fileName, nulls: spec.data.nulls });
  try {
    const columnCount = table.columns.length;
    if (bytes > maxBytes) {
      checkNamedColumns(table.columns, fileName, spec);
      return { columnCount, rowCount: null, warnings: [] };
    }
    const { scan, warnings } = await planPreparation(table, fileName, spec);
    return { columnCount, rowCount: scan.rowCount, warnings };
  } finally {
    table.close();
  }
}
