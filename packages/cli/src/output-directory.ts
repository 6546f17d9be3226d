/** The folder a run leaves behind: checked before anything starts, written whole at the end. */
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';

const RUN_FILES = ['model.onnx', 'metrics.json', 'history.csv', 'spec.yaml', 'checkpoints'];

/** `runs/<name>`, or the first `runs/<name>-2`, `-3`... that does not exist yet. */
export async function defaultOutputDirectory(name: string): Promise<string> {
  const slug =
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'job';
  for (let attempt = 1; ; attempt++) {
    const candidate = resolve('runs', attempt === 1 ? slug : `${slug}-${attempt}`);
    if (!(await exists(candidate))) return candidate;
  }
}

/** Refuses a folder that holds a run or cannot be written; creates nothing. @throws LockstepError OUTPUT_EXISTS, OUTPUT_UNWRITABLE */
export async function checkOutputDirectory(directory: string): Promise<void> {
  let entries: string[] = [];
  try {
    entries = await readdir(directory);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT') throw unwritable(directory, cause);
    await checkParent(directory);
  }
  const found = entries.find((entry) => RUN_FILES.includes(entry));
  if (found) {
    throw new LockstepError('OUTPUT_EXISTS', {
      message: `${directory} already holds a run (${found}).`,
      field: '--out',
      value: directory,
      fix: 'Choose another --out.',
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

function unwritable(directory: string, cause: unknown): LockstepError {
  return new LockstepError('OUTPUT_UNWRITABLE', {
    message: `${directory} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    field: '--out',
    value: directory,
    cause,
  });
}

/** Writes a file of the run: temporary name, fsync, rename. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
export async function writeRunFile(
  directory: string,
  name: string,
  content: string | AsyncIterable<Uint8Array>,
): Promise<string> {
  const target = join(directory, name);
  const temporary = `${target}.partial`;
  try {
    await mkdir(directory, { recursive: true });
    const file = await open(temporary, 'w');
    try {
      if (typeof content === 'string') await file.writeFile(content);
      else for await (const piece of content) await file.write(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
    return target;
  } catch (cause) {
    await rm(temporary, { force: true });
    if (cause instanceof LockstepError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') {
      throw new LockstepError('DISK_FULL', {
        message: `The disk is full: ${target}`,
        field: '--out',
        value: directory,
        cause,
      });
    }
    throw unwritable(directory, cause);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
