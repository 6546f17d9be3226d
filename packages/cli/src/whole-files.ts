/** Files that come whole or not at all: nobody sees half of one, and an end in between leaves nothing. */
import { rmSync } from 'node:fs';
import { type FileHandle, open, rename, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LockstepError, writeError } from '@lockstep/protocol/core';
import { makeFolder, syncFolder } from '@lockstep/protocol/disk';

/** What a file is made of. */
export type FileContent = string | AsyncIterable<Uint8Array>;

/** Where files belong that are written together. */
export interface WholeFilesOptions {
  /** The value of `--out`. */
  readonly out: string;
  /** The option that named it. @default --out */
  readonly option?: string;
  /** Whether files that are there are replaced. */
  readonly replace: boolean;
}

/**
 * Writes files, given by path, that belong together: none gets its name before all of them are on the disk, and where
 * one can't be written nothing of them is left. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE, OUTPUT_EXISTS
 */
export async function writeWholeFiles(
  files: Readonly<Record<string, FileContent>>,
  { out, replace, option = '--out' }: WholeFilesOptions,
): Promise<void> {
  const left = new Set<string>();
  const removeLeft = (): void => {
    for (const path of left) rmSync(path, { force: true });
  };
  process.on('exit', removeLeft);
  const made = new Set<string>();
  try {
    for (const [path, content] of Object.entries(files)) {
      if (await makeFolder(dirname(path))) made.add(dirname(path));
      left.add(temporaryName(path));
      await writeSynced(path, content);
    }
    for (const path of Object.keys(files)) {
      const isNew = (await fileMode(path)) === null;
      if (!isNew && !replace) throw taken(path, out);
      await rename(temporaryName(path), path);
      left.delete(temporaryName(path));
      if (isNew) left.add(path);
    }
    for (const folder of new Set(Object.keys(files).map((path) => dirname(path)))) await syncFolder(folder);
    left.clear();
  } catch (cause) {
    removeLeft();
    for (const folder of made) await rmdir(folder).catch(() => {});
    throw writeError(out, cause, { field: option });
  } finally {
    process.off('exit', removeLeft);
  }
}

/** Writes content into an open file. */
export async function writeContent(file: FileHandle, content: FileContent): Promise<void> {
  if (typeof content === 'string') await file.writeFile(content);
  else for await (const piece of content) await file.writeFile(piece);
}

/** Where a file of this process is written before it gets its name. */
export const temporaryName = (path: string): string => `${path}.${process.pid}.partial`;

/** Writes the temporary file of a path, with the permissions of the file that it replaces. */
async function writeSynced(path: string, content: FileContent): Promise<void> {
  const mode = await fileMode(path);
  const file = await open(temporaryName(path), 'w');
  try {
    if (mode !== null) await file.chmod(mode);
    await writeContent(file, content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function fileMode(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found && found.mode & 0o7777;
}

function taken(path: string, out: string): LockstepError {
  return new LockstepError('OUTPUT_EXISTS', {
    message: `${path} was written by something else meanwhile.`,
    field: '--out',
    value: out,
  });
}
