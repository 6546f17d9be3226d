/** The file of `--rejects`: whole or not there. */
import { rmSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type RejectSink, Rejects } from '@lockstep/data';
import { LockstepError, writeError } from '@lockstep/protocol/core';
import { syncFolder } from '@lockstep/protocol/disk';
import { isStream, refuseOwnInput, targetOf } from './output-file.js';
import { temporaryName } from './whole-files.js';

/** A list of rejects that is being written. */
export interface RejectsOutput {
  readonly sink: RejectSink;
  /** Rows that are on the list. */
  readonly count: number;
  /** Makes the list durable, still without its name. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
  close(): void;
  /** Gives the list its name. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
  keep(): Promise<void>;
  /** Removes a list that was not kept. */
  discard(): void;
}

/**
 * Begins the list for a path, or for where links at it lead.
 * @param path as it was given
 * @param inputs files that the command reads
 * @throws LockstepError USAGE, DISK_FULL, OUTPUT_UNWRITABLE
 */
export async function openRejects(path: string, inputs: readonly string[]): Promise<RejectsOutput> {
  await refuseNoFile(path);
  await refuseOwnInput(path, inputs, '--rejects');
  const target = await targetOf(path);
  const temporary = temporaryName(target);
  const list = named(path, () => new Rejects(temporary));
  let isClosed = false;
  const close = (): void => {
    if (!isClosed) named(path, () => list.close());
    isClosed = true;
  };
  const remove = (): void => rmSync(temporary, { force: true });
  process.on('exit', remove);
  return {
    sink: { add: (reject) => named(path, () => list.add(reject)) },
    get count() {
      return list.count;
    },
    close,
    keep: async () => {
      close();
      try {
        await rename(temporary, target);
        await syncFolder(dirname(target));
      } catch (cause) {
        throw failed(path, cause);
      }
      process.off('exit', remove);
    },
    discard: () => {
      remove();
      process.off('exit', remove);
    },
  };
}

/** Whether two paths lead to one file, there or not. */
export async function isSameFile(path: string, other: string): Promise<boolean> {
  return (await targetOf(path)) === (await targetOf(other));
}

/** Refuses what a list cannot take the place of. @throws LockstepError USAGE */
async function refuseNoFile(path: string): Promise<void> {
  const isFolder = (await stat(path).catch(() => null))?.isDirectory() ?? false;
  if (!isFolder && !(await isStream(path))) return;
  const message = `--rejects is ${path}, which is ${isFolder ? 'a folder' : 'a pipe or a device'}.`;
  const fix = `Give the name of a file${isFolder ? `, for example ${join(path, 'rejects.csv')}` : ''}.`;
  throw new LockstepError('USAGE', { message, field: '--rejects', value: path, fix });
}

/** Does work on the list; its errors name the option and the path as it was given. */
function named<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw failed(path, thrown instanceof LockstepError ? (thrown.cause ?? thrown) : thrown);
  }
}

function failed(path: string, cause: unknown): LockstepError {
  return writeError(path, cause, { field: '--rejects' });
}
