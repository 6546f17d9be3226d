/** Makes a folder with those above it. Node's own recursive mkdir never returns below /proc, where nothing can be made. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those above it that are not there.
 * @returns the topmost folder that was made, or null where all were there
 * @throws Error of the file system
 */
export async function makeFolder(path: string): Promise<string | null> {
  const absolute = resolve(path);
  if (await isFolder(absolute)) return null;
  const topmost = await makeFolder(dirname(absolute));
  try {
    await mkdir(absolute);
  } catch (thrown) {
    // Another process may have made it meanwhile.
    if (!(await isFolder(absolute))) throw thrown;
    return topmost;
  }
  return topmost ?? absolute;
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
