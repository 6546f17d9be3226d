/** The folder of a run: chosen, checked and claimed before anything starts, held until the process ends. */
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LockstepError, writeError } from '@lockstep/protocol/core';
import { type LockHolder, lockFolder, lockHolder, makeFolder } from '@lockstep/protocol/disk';

/** Says who writes there. */
const LOCK_FILE = 'run.lock';
const CHECKPOINTS = 'checkpoints';
const RUN_FILES = ['model.onnx', 'metrics.json', 'history.csv', 'rejects.csv', 'spec.yaml', 'report.html'];

/** What a folder is claimed for. */
export interface RunFolderOptions {
  /** Folder that was asked for; else one below `runs`. */
  readonly out?: string | undefined;
  /** Name of the job, for the folder's name. */
  readonly name: string;
  /** Whether a run that is there is gone on with. */
  readonly resume?: boolean | undefined;
}

/** A folder that no other run writes to. */
export interface RunFolder {
  /** Absolute path. */
  readonly path: string;
  /** Whether files of an earlier run may be replaced. */
  readonly isResumed: boolean;
  /** Lets go of the folder, and removes it where this made it and nothing is in it. Happens by itself at the end. */
  release(): void;
}

/**
 * Claims `--out`, or `runs/<name>`, or the first `runs/<name>-2`, `-3`... that is not there yet; with `resume`, the
 * last one that is.
 * @throws LockstepError OUTPUT_IN_USE, OUTPUT_EXISTS, OUTPUT_UNWRITABLE, DISK_FULL, CHECKPOINT_NOT_FOUND
 */
export async function claimRunFolder({ out, name, resume = false }: RunFolderOptions): Promise<RunFolder> {
  if (out) return claim(resolve(out), resume);
  return resume ? claim(lastDefault(name), true) : claimNew(name);
}

/** Whether a run left a checkpoint in its folder. */
export function hasCheckpoint(directory: string): boolean {
  return entriesOf(join(directory, CHECKPOINTS)).some((entry) => entry.endsWith('.ckpt'));
}

async function claim(path: string, resume: boolean): Promise<RunFolder> {
  try {
    const holder = await lockHolder(path, LOCK_FILE);
    if (holder) throw inUse(path, holder);
    checkRun(path, resume);
    return await locked(path, await makeFolder(path), resume);
  } catch (cause) {
    throw writeError(path, cause, { field: '--out' });
  }
}

/** Making the folder is the claim: of two commands at once, one makes it. */
async function claimNew(name: string): Promise<RunFolder> {
  let path = defaultPath(name, 1);
  try {
    const topmost = await makeFolder(dirname(path));
    for (let attempt = 2; !(await isMade(path)); attempt++) path = defaultPath(name, attempt);
    return await locked(path, topmost ?? path, false);
  } catch (cause) {
    throw writeError(path, cause, { field: '--out' });
  }
}

async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

async function locked(path: string, topmost: string | null, isResumed: boolean): Promise<RunFolder> {
  const removeEmpty = (): void => {
    if (topmost) removeEmptyFolders(path, topmost);
  };
  const heldError = (holder: LockHolder): LockstepError => inUse(path, holder);
  const lock = await lockFolder(path, { name: LOCK_FILE, heldError }).catch((thrown: unknown) => {
    removeEmpty();
    throw thrown;
  });
  const release = (): void => {
    process.off('exit', release);
    lock.release();
    removeEmpty();
  };
  process.on('exit', release);
  try {
    // Another run may have ended here since the first look.
    checkRun(path, isResumed);
  } catch (thrown) {
    release();
    throw thrown;
  }
  return { path, isResumed, release };
}

function removeEmptyFolders(from: string, last: string): void {
  try {
    for (let path = from; ; path = dirname(path)) {
      rmdirSync(path);
      if (path === last) return;
    }
  } catch {
    // Something is in it.
  }
}

function checkRun(path: string, resume: boolean): void {
  const isRun = hasCheckpoint(path);
  if (resume) {
    if (isRun) return;
    throw new LockstepError('CHECKPOINT_NOT_FOUND', {
      message: `${path} holds no checkpoint to go on from.`,
      field: '--out',
      value: path,
    });
  }
  const found = isRun ? CHECKPOINTS : entriesOf(path).find((entry) => RUN_FILES.includes(entry));
  if (!found) return;
  throw new LockstepError('OUTPUT_EXISTS', {
    message: `${path} already holds a run (${found}).`,
    field: '--out',
    value: path,
    fix: `Choose another --out${isRun ? ', or go on with it: --resume' : ''}.`,
  });
}

/** What is in a folder; nothing where it is not there. */
function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw thrown;
  }
}

function defaultPath(name: string, attempt: number): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '');
  const slug = plain.slice(0, 60).replace(/-$/, '') || 'job';
  return resolve('runs', attempt === 1 ? slug : `${slug}-${attempt}`);
}

function lastDefault(name: string): string {
  let attempt = 1;
  while (existsSync(defaultPath(name, attempt + 1))) attempt++;
  return defaultPath(name, attempt);
}

function inUse(path: string, { pid, host }: LockHolder): LockstepError {
  return new LockstepError('OUTPUT_IN_USE', {
    message: `Process ${pid} on ${host} writes a run to ${path}.`,
    field: '--out',
    value: path,
    fix: `Choose another --out, or wait for process ${pid}. If that is no lockstep, delete ${join(path, LOCK_FILE)}.`,
  });
}
