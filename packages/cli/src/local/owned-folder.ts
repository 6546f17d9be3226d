/** Temporary folders that name the process they belong to, so that those of a killed one can be swept. */
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeError } from '@lockstep/protocol/core';
import { isAlive } from '../alive.js';

/**
 * Makes `<temporary folder>/lockstep-<kind>-<process id>-<random>`, which is removed when this process ends, and
 * removes those of the same kind whose process is gone: nobody is left to remove them after SIGKILL.
 * @throws LockstepError OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function makeOwnedFolder(kind: string): Promise<string> {
  const prefix = `lockstep-${kind}-`;
  try {
    await sweep(prefix);
    const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
    process.once('exit', () => removeNow(folder));
    return folder;
  } catch (thrown) {
    const fix = 'Set TMPDIR to a folder that exists and can be written.';
    throw writeError(tmpdir(), thrown, { field: 'TMPDIR', fix });
  }
}

async function sweep(prefix: string): Promise<void> {
  // A temporary folder may be one that can be written but not listed.
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const owner = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
    // A folder of another user, or one that is being removed by another command, is left alone.
    if (owner && !isAlive(Number(owner)))
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}

/** What another process still writes to is removed by the next sweep. */
function removeNow(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {}
}
