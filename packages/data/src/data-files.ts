/** Finds the files that a path means: a file, all files of a folder, or those that fit a pattern. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { glob } from 'tinyglobby';
import { MAX_FILES } from './limits.js';
import { emptyFile, fileState, unreadableFile } from './source-file.js';
import type { DataFile } from './table-file.js';

/** Files of a folder that are no data, as tools leave them: `.DS_Store`, `_SUCCESS`. */
const HIDDEN = /^[._]/;

/** What a path is looked up for. */
export interface DataPath {
  /** As it was given; messages show it so. */
  readonly given: string;
  /** Folder at which a relative one starts. */
  readonly from: string;
  /** Name of a single file in messages. @default given */
  readonly name?: string;
}

/**
 * The files that a path means, in the order of their names. What exists is meant literally, also where its name has
 * signs of a pattern in it.
 * @throws LockstepError DATA_NOT_FOUND, DATA_EMPTY where a folder or a pattern has no files, DATA_UNREADABLE
 */
export async function findDataFiles({ given, from, name = given }: DataPath): Promise<readonly DataFile[]> {
  const path = resolve(from, given);
  const found = await stat(path).catch(() => null);
  if (found?.isDirectory()) return filesOfFolder(path, given);
  if (!found && isPattern(given)) return filesOfPattern(given, from);
  await fileState(path, name);
  return [{ path, name }];
}

/** Whether a path may stand for several files. */
export function isPattern(path: string): boolean {
  return /[*?[{]/.test(path);
}

async function filesOfFolder(path: string, given: string): Promise<DataFile[]> {
  const entries = (await readdir(path, { withFileTypes: true })).filter((entry) => !HIDDEN.test(entry.name));
  const folder = entries.find((entry) => entry.isDirectory());
  if (folder) {
    const fix = `Name the files with a pattern, for example ${join(given, '**/*.csv')}.`;
    throw unreadableFile(given, `holds the folder ${folder.name}, which is not read`, fix);
  }
  return checked(
    entries.map((entry) => ({ path: join(path, entry.name), name: join(given, entry.name) })),
    given,
  );
}

async function filesOfPattern(given: string, from: string): Promise<DataFile[]> {
  const paths = await glob(given, { cwd: from, absolute: true, expandDirectories: false, dot: false });
  const shown = (path: string): string => (isAbsolute(given) ? path : relative(from, path));
  return checked(
    paths.filter((path) => !HIDDEN.test(basename(path))).map((path) => ({ path, name: shown(path) })),
    given,
  );
}

async function checked(files: readonly DataFile[], given: string): Promise<DataFile[]> {
  if (files.length === 0) {
    throw emptyFile(
      given,
      'means no files',
      'Give the path of a file, a folder with files, or a pattern that fits some.',
    );
  }
  if (files.length > MAX_FILES) {
    throw unreadableFile(given, `means ${files.length} files, at most ${MAX_FILES}`, 'Join them into fewer files.');
  }
  const sorted = [...files].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  await refuseCopies(sorted, given);
  return sorted;
}

/** Rows of a file that links give a second name would be there twice. @throws LockstepError DATA_UNREADABLE */
async function refuseCopies(files: readonly DataFile[], given: string): Promise<void> {
  const names = new Map<string, string>();
  for (const { path, name } of files) {
    const real = await realpath(path).catch(() => path);
    const known = names.get(real);
    if (known !== undefined) {
      const fix = 'Remove the link, or give a pattern that finds each file once.';
      throw unreadableFile(given, `finds one file under two names: ${known} and ${name}`, fix);
    }
    names.set(real, name);
  }
}
