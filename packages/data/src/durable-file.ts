/** Files that survive a power cut once written, and errors that name what could not be. */
import { open } from 'node:fs/promises';
import { type LockstepError, writeError } from '@lockstep/protocol/core';

/** Writes a file into a folder that nobody reads yet. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
export async function writeDurable(path: string, content: Uint8Array): Promise<void> {
  try {
    const file = await open(path, 'w');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw diskError(path, cause);
  }
}

/** A failed write as an error that names the file. */
export function diskError(path: string, cause: unknown): LockstepError {
  return writeError(path, cause, { field: 'store' });
}
