/** The folder a run leaves behind: checked before anything starts, written whole at the end. */
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LockstepError, writeError } from '@lockstep/protocol/core';

const RUN_FILES = ['model.onnx', 'metrics.json', 'history.csv', 'spec.yaml', 'checkpoints'];

/**
 * `runs/<name>`, or the first `runs/<name>-2`, `-3`... that does not exist yet.
 * @param resume takes the last one that does exist instead
 */
export async function defaultOutputDirectory(name: string, resume?: boolean): Promise<string> {
  const slug =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'job';
  const nameOf = (attempt: number): string => resolve('runs', attempt === 1 ? slug : `${slug}-${attempt}`);
  let attempt = 1;
  while (await exists(nameOf(attempt))) attempt++;
  return nameOf(resume && attempt > 1 ? attempt - 1 : attempt);
}

/**
 * Refuses a folder that holds a run or cannot be written; creates nothing.
 * @param resume a run that is there is gone on with
 * @throws LockstepError OUTPUT_EXISTS, OUTPUT_UNWRITABLE
 */
export async function checkOutputDirectory(directory: string, resume?: boolean): Promise<void> {
  let entries: string[] = [];
  try {
    entries = await readdir(directory);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT') throw unwritable(directory, cause);
    await checkParent(directory);
  }
  const found = entries.find((entry) => RUN_FILES.includes(entry));
  if (found && !resume) {
    throw new LockstepError('OUTPUT_EXISTS', {
      message: `${directory} already holds a run (${found}).`,
      field: '--out',
      value: directory,
      fix: 'Choose another --out, or go on with it: --resume.',
    });
  }
}

async function checkParent(directory: string): Promise<void> {
  for (let parent = dirname(directory); ; parent = dirname(parent)) {
    if (await exists(parent)) {
      if (!(await stat(parent)).isDirectory()) throw unwritable(directory, new Error(`${parent} is not a folder`));
      return;
    }
  }
}

function unwritable(directory: string, cause: unknown, path = directory): LockstepError {
  return writeError(path, cause, { field: '--out', value: directory });
}

/** What a file is made of. */
export type FileContent = string | AsyncIterable<Uint8Array>;

/** Writes one file: temporary name, fsync, rename. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
export function writeRunFile(directory: string, name: string, content: FileContent): Promise<void> {
  return writeRunFiles(directory, { [name]: content });
}

/**
 * Writes files that belong together: none gets its name before all of them are on the disk, and where one can't be
 * written nothing of them is left. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE
 */
export async function writeRunFiles(directory: string, files: Readonly<Record<string, FileContent>>): Promise<void> {
  const written: string[] = [];
  const isNew = !(await exists(directory));
  try {
    await mkdir(directory, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      const temporary = join(directory, `${name}.partial`);
      written.push(temporary);
      await writeSynced(temporary, content);
    }
    for (const name of Object.keys(files)) {
      await rename(join(directory, `${name}.partial`), join(directory, name));
      written.push(join(directory, name));
    }
  } catch (cause) {
    for (const path of written) await rm(path, { force: true });
    if (isNew) await rmdir(directory).catch(() => {});
    throw unwritable(directory, cause, written.at(-1));
  }
}

async function writeSynced(path: string, content: FileContent): Promise<void> {
  const file = await open(path, 'w');
  try {
    if (typeof content === 'string') await file.writeFile(content);
    else for await (const piece of content) await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
