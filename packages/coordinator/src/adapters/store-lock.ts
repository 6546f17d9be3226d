/** Locks of a store: one coordinator at a time, and one nats-server that keeps its streams there. */
import { LockstepError, writeError } from '@lockstep/protocol/core';
import { type FolderLock, lockFolder, makeFolder } from '@lockstep/protocol/disk';

/**
 * Takes the lock `<who>.lock` of a store's folder, which is made where it is not there.
 * @throws LockstepError STORE_IN_USE naming the folder and the process, OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function lockStore(store: string, who: 'coordinator' | 'nats'): Promise<FolderLock> {
  try {
    await makeFolder(store);
    return await lockFolder(store, {
      name: `${who}.lock`,
      heldError: ({ pid, host }) => {
        const message = `Another coordinator works on ${store}: process ${pid} on ${host}.`;
        return new LockstepError('STORE_IN_USE', { message, field: '--store', value: store });
      },
    });
  } catch (cause) {
    throw writeError(store, cause, { field: '--store' });
  }
}
