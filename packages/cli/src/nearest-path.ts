/** What may be meant by the path of a file that is not there. */
import { readdir, stat } from 'node:fs/promises';
import { join, parse, relative, resolve, sep } from 'node:path';
import { nearest } from '@lockstep/spec';

/** Entries of a folder that are compared. */
const MAX_ENTRIES = 10_000;

/** The path whose parts are those given or the nearest to them, relative where the given one is; null where there is none. */
export async function nearestPath(given: string): Promise<string | null> {
  const path = resolve(given);
  let found = parse(path).root;
  for (const part of path.slice(found.length).split(sep)) {
    const next = await nearestEntry(found, part);
    if (next === null) return null;
    found = join(found, next);
  }
  return given === path ? found : relative(process.cwd(), found);
}

async function nearestEntry(folder: string, name: string): Promise<string | null> {
  if (await stat(join(folder, name)).catch(() => null)) return name;
  const entries = await readdir(folder).catch(() => []);
  return nearest(name, entries.slice(0, MAX_ENTRIES));
}
