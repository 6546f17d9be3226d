/** Opens the table of a spec, with a list for its bad rows where the spec leaves these out. */
import { openSource } from './open-source.js';
import type { PrepareRequest } from './prepare-request.js';
import { Rejects } from './rejects.js';
import type { TableSource } from './table-source.js';

/** An open table. */
export interface TrainingTable {
  readonly table: TableSource;
  /** Takes the rows that are left out; null where a bad row refuses the table. */
  readonly rejects: Rejects | null;
}

/** @param listPath where bad rows are listed; null only counts them @throws LockstepError as `openSource` */
export async function openTrainingTable(
  { files, spec }: Pick<PrepareRequest, 'files' | 'spec'>,
  listPath: string | null,
): Promise<TrainingTable> {
  const { nulls, format, delimiter, quote, encoding, onBadRow } = spec.data;
  const rejects = onBadRow === 'skip' ? new Rejects(listPath) : null;
  const reading = { files, nulls, format, delimiter, quote, encoding };
  return { table: await openSource({ ...reading, ...(rejects ? { skipTo: rejects } : {}) }), rejects };
}
