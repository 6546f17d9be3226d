/** Writes a file of the store so that it is there whole or not at all, also after a power cut. */
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError } from '@lockstep/data';
import { makeFolder, syncFolder } from '@lockstep/protocol/disk';

/** End of the name that a file has while it is written. */
export const PARTIAL = '.partial';

/**
 * Temporary name, fsync, rename, fsync of the folder, which is made where it is not there.
 * @param mode permissions of the file
 * @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE; nothing of the new content is left then
 */
export async function writeAtomic(path: string, pieces: Iterable<Uint8Array | string>, mode = 0o666): Promise<void> {
  const temporary = `${path}${PARTIAL}`;
  try {
    await makeFolder(dirname(path));
    const file = await open(temporary, 'w', mode);
    try {
      for (const piece of pieces) await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw diskError(path, cause);
  }
}
