/** A lock on a folder: one process at a time writes there, also where the one before was killed. */
import { randomUUID } from 'node:crypto';
import { constants, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { copyFile, link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two signs of life on the file. */
const SIGN_MS = 2000;
/** Milliseconds without one after which a holder that cannot be looked at is gone. */
const PATIENCE_MS = 10_000;
const POLL_MS = 250;

/** Where the file system knows no hard links. */
const NO_LINKS: readonly unknown[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/** The process that holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** Which processes its pid counts among: a container has its own. */
  readonly pidNamespace: string;
  /** When the process started, as the kernel counts; empty where that is not told. */
  readonly started: string;
}

/** A held lock. */
export interface FolderLock {
  /** Gives it back; once is enough. */
  release(): void;
}

/** Which lock is taken. */
export interface FolderLockOptions {
  /** Name of the file in the folder. */
  readonly name: string;
  /** The error where another process holds it. */
  readonly heldError: (holder: LockHolder) => Error;
  /** How long a holder on another machine may show no sign of life. @default 10,000 */
  readonly patienceMs?: number;
}

/**
 * Takes a lock of a folder. One whose process is gone is taken over: at once where that process ran on this machine,
 * else when it has shown no sign of life for a while.
 * @throws Error `heldError` of the process that holds it, or what the file system says
 */
export async function lockFolder(
  folder: string,
  { name, heldError, patienceMs }: FolderLockOptions,
): Promise<FolderLock> {
  const path = join(folder, name);
  const nonce = randomUUID();
  const draft = `${path}.${nonce}`;
  const text = `${JSON.stringify({ ...self(), nonce })}\n`;
  try {
    await writeFile(draft, text, { flag: 'wx' });
    while (!(await takesName(draft, path))) {
      const found = await readIfThere(path);
      if (found === null) continue;
      const holder = await livingHolder(path, found, patienceMs);
      if (holder) throw heldError(holder);
      await removeStale(path, found, `${draft}.stale`);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return held(path, text);
}

/** The process that holds a lock of a folder; null where none does. */
export async function lockHolder(folder: string, name: string, patienceMs?: number): Promise<LockHolder | null> {
  const path = join(folder, name);
  const text = await readIfThere(path);
  return text === null ? null : livingHolder(path, text, patienceMs);
}

/** Gives a file that is whole already another name; false where that is taken. */
async function takesName(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to).catch((cause: NodeJS.ErrnoException) => {
      if (!NO_LINKS.includes(cause.code)) throw cause;
      return copyFile(from, to, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

async function removeStale(path: string, text: string, aside: string): Promise<void> {
  try {
    await rename(path, aside);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
  const moved = await readIfThere(aside);
  // Another process was faster and this is its lock, not the stale one.
  if (moved !== null && moved !== text) await takesName(aside, path);
  await rm(aside, { force: true });
}

/** The process that the text of a lock names, where it is alive. */
async function livingHolder(path: string, text: string, patienceMs = PATIENCE_MS): Promise<LockHolder | null> {
  const holder = holderOf(text);
  if (!holder) return null;
  const own = self();
  if (holder.host === own.host && holder.pidNamespace === own.pidNamespace) return isRunning(holder) ? holder : null;
  const before = await signOf(path);
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += POLL_MS) {
    await sleep(POLL_MS);
    if ((await signOf(path)) !== before) return holder;
  }
  return null;
}

const signOf = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );

function held(path: string, text: string): FolderLock {
  const sign = async (): Promise<void> => {
    // A lock of another process that took its place gets no sign.
    if ((await readIfThere(path)) === text) await utimes(path, new Date(), new Date());
  };
  const timer = setInterval(() => void sign().catch(() => {}), SIGN_MS);
  timer.unref();
  return {
    release: () => {
      clearInterval(timer);
      try {
        if (readFileSync(path, 'utf8') === text) rmSync(path, { force: true });
      } catch {
        // It is gone with its folder.
      }
    },
  };
}

function self(): LockHolder {
  let pidNamespace = '';
  try {
    pidNamespace = readlinkSync('/proc/self/ns/pid');
  } catch {}
  return { pid: process.pid, host: hostname(), pidNamespace, started: processState(process.pid)?.started ?? '' };
}

function isRunning({ pid, started }: LockHolder): boolean {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const found = processState(pid);
  // Its number may have gone to another process, or it is dead and its parent has not looked yet.
  return found === null || started === '' || (found.started === started && found.state !== 'Z');
}

/** What Linux tells of a process; null elsewhere. */
function processState(pid: number): { readonly state: string; readonly started: string } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before may hold blanks and brackets.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', started: fields[19] ?? '' };
  } catch {
    return null;
  }
}

function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return null;
    throw cause;
  });
}

/** Null for a file that a crash has torn: nobody who lives has such a one. */
function holderOf(text: string): LockHolder | null {
  try {
    const found: unknown = JSON.parse(text);
    return isHolder(found) ? found : null;
  } catch {
    return null;
  }
}

function isHolder(found: unknown): found is LockHolder {
  const { pid, host, pidNamespace, started } = Object(found) as Partial<Record<keyof LockHolder, unknown>>;
  return Number.isInteger(pid) && [host, pidNamespace, started].every((part) => typeof part === 'string');
}
