/** Says that a process writes to a folder: a file in it that holds the process id. */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';
import { isAlive } from './process-alive.js';

/** Name of the file. */
export const LOCK_FILE = 'run.lock';

/** Where the file system knows no hard links. */
const NO_LINKS: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** @throws LockstepError OUTPUT_IN_USE naming the process that writes to the folder, if one does */
export function refuseHeldFolder(directory: string): void {
  const pid = holderIn(join(directory, LOCK_FILE));
  if (pid !== null) throw inUse(directory, pid);
}

/**
 * Locks a folder for this process; the lock of a process that is gone is taken over.
 * @throws LockstepError OUTPUT_IN_USE, or what the file system says
 */
export function lockFolder(directory: string): void {
  const lock = join(directory, LOCK_FILE);
  const own = `${lock}.${process.pid}`;
  try {
    writeFileSync(own, `${process.pid}\n`);
    while (!isPlaced(own, lock)) {
      const pid = holderIn(lock) ?? takeAway(lock, `${own}.stale`);
      if (pid !== null) throw inUse(directory, pid);
    }
  } finally {
    rmSync(own, { force: true });
  }
}

/** Gives the name of the lock to a file that is whole already; false where there is a lock. */
function isPlaced(own: string, lock: string): boolean {
  try {
    linkSync(own, lock);
    return true;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.includes(code)) throw thrown;
  }
  try {
    writeFileSync(lock, `${process.pid}\n`, { flag: 'wx' });
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

/** Takes a stale lock away. @returns the process that had taken it over meanwhile, and keeps it */
function takeAway(lock: string, aside: string): number | null {
  try {
    renameSync(lock, aside);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw thrown;
  }
  const pid = holderIn(aside);
  if (pid !== null) isPlaced(aside, lock);
  rmSync(aside, { force: true });
  return pid;
}

/** The process that a lock names, if it is another one and runs. */
function holderIn(lock: string): number | null {
  let pid: number;
  try {
    pid = Number(readFileSync(lock, 'utf8'));
  } catch {
    return null;
  }
  // In a container, this process may have the id of the one before.
  return Number.isSafeInteger(pid) && pid > 0 && pid !== process.pid && isAlive(pid) ? pid : null;
}

function inUse(directory: string, pid: number): LockstepError {
  return new LockstepError('OUTPUT_IN_USE', {
    message: `Process ${pid} writes a run to ${directory}.`,
    field: '--out',
    value: directory,
    fix: `Choose another --out, or wait for process ${pid}. If that is no lockstep, delete ${join(directory, LOCK_FILE)}.`,
  });
}
