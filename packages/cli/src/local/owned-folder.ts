/** Temporary folders that name the process they belong to, so that those of a killed one can be swept. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Makes `<temporary folder>/lockstep-<kind>-<process id>-<random>`, and removes those of the same kind whose process
 * is gone: nobody is left to remove them after SIGKILL.
 */
export async function makeOwnedFolder(kind: string): Promise<string> {
  const prefix = `lockstep-${kind}-`;
  for (const name of await readdir(tmpdir())) {
    const owner = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
    // A folder of another user, or one that is being removed by another command, is left alone.
    if (owner && !isAlive(Number(owner)))
      await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
  return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
