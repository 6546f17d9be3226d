/** The files that the argument DATA means, and those that a command reads beside them. */
import { basename } from 'node:path';
import { type DataFile, findDataFiles } from '@lockstep/data';

/** What a command reads. */
export interface TableInput {
  /** Name of the table in messages. */
  readonly name: string;
  readonly files: readonly DataFile[];
  /** Every file that is read, the table's and others: no output may replace one. */
  readonly paths: readonly string[];
}

/**
 * Finds the files of DATA: a file, all of a folder, or those that fit a pattern.
 * @param others files that are read beside the table, as the model
 * @throws LockstepError DATA_NOT_FOUND, DATA_EMPTY, DATA_UNREADABLE
 */
export async function findInput(dataPath: string, ...others: readonly string[]): Promise<TableInput> {
  const name = basename(dataPath);
  const files = await findDataFiles({ given: dataPath, from: process.cwd(), name });
  return { name, files, paths: [...others, ...files.map(({ path }) => path)] };
}
