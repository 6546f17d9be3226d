/** The folder of a run: chosen, checked and claimed before anything starts, held until the process ends. */
import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LockstepError } from '@lockstep/protocol/core';
import { LOCK_FILE, lockFolder, refuseHeldFolder } from './folder-lock.js';

const CHECKPOINTS = 'checkpoints';
const RUN_FILES = ['model.onnx', 'metrics.json', 'history.csv', 'spec.yaml'];

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
  /** Where checkpoints go. */
  readonly checkpoints: string;
  /** Whether files of an earlier run may be replaced. */
  readonly isResumed: boolean;
  /** Lets go of the folder, and removes it where this made it and nothing is in it. Happens by itself at the end. */
  release(): void;
}

/**
 * Claims `--out`, or `runs/<name>`, or the first `runs/<name>-2`, `-3`... that is not there yet; with `resume`, the
 * last one that is.
 * @throws LockstepError OUTPUT_IN_USE, OUTPUT_EXISTS, OUTPUT_UNWRITABLE, CHECKPOINT_NOT_FOUND
 */
export function claimRunFolder({ out, name, resume = false }: RunFolderOptions): RunFolder {
  if (out) return claim(resolve(out), resume);
  return resume ? claim(lastDefault(name), true) : claimNew(name);
}

/** Whether a run left a checkpoint in its folder. */
export function hasCheckpoint(directory: string): boolean {
  return entriesOf(join(directory, CHECKPOINTS)).some((entry) => entry.endsWith('.ckpt'));
}

function claim(path: string, resume: boolean): RunFolder {
  try {
    refuseHeldFolder(path);
    checkRun(path, resume);
    const firstMade = mkdirSync(path, { recursive: true });
    return locked(path, firstMade, resume);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Making the folder is the claim: of two commands at once, one makes it. */
function claimNew(name: string): RunFolder {
  let path = defaultPath(name, 1);
  try {
    const parent = mkdirSync(dirname(path), { recursive: true });
    for (let attempt = 2; !isMade(path); attempt++) path = defaultPath(name, attempt);
    return locked(path, parent ?? path, false);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function isMade(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw thrown;
  }
}

function locked(path: string, firstMade: string | undefined, isResumed: boolean): RunFolder {
  const removeEmpty = (): void => {
    if (firstMade) removeEmptyFolders(path, firstMade);
  };
  try {
    lockFolder(path);
  } catch (thrown) {
    removeEmpty();
    throw thrown;
  }
  const release = (): void => {
    process.off('exit', release);
    rmSync(join(path, LOCK_FILE), { force: true });
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
  return { path, checkpoints: join(path, CHECKPOINTS), isResumed, release };
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
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const slug = plain.replace(/^-+|-+$/g, '').slice(0, 60) || 'job';
  return resolve('runs', attempt === 1 ? slug : `${slug}-${attempt}`);
}

function lastDefault(name: string): string {
  let attempt = 1;
  while (existsSync(defaultPath(name, attempt + 1))) attempt++;
  return defaultPath(name, attempt);
}

function unwritable(path: string, cause: unknown): LockstepError {
  if (cause instanceof LockstepError) return cause;
  const isFull = (cause as NodeJS.ErrnoException).code === 'ENOSPC';
  return new LockstepError('OUTPUT_UNWRITABLE', {
    message: `${path} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
    field: '--out',
    value: path,
    ...(isFull ? { fix: 'Free space, or choose another --out.' } : {}),
    cause,
  });
}
