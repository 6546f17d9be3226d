/** A lock on the store's folder: one coordinator at a time, also where the one before was killed. */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { type FileHandle, link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskError } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { z } from 'zod';

const NAME = 'coordinator.lock';
/** Milliseconds between two signs of life on the file. */
const SIGN_MS = 2000;
/** Milliseconds without one after which a holder that cannot be looked at is gone. */
const PATIENCE_MS = 10_000;
const POLL_MS = 250;

const schema = z.object({
  pid: z.int(),
  host: z.string(),
  /** Which processes its pid counts among: a container has its own. */
  pidNamespace: z.string(),
  /** When the process started, as the kernel counts; empty where that is not told. */
  started: z.string(),
  nonce: z.string(),
});
type Holder = z.infer<typeof schema>;

/** A held lock. */
export interface StoreLock {
  /** Gives it back. */
  release(): Promise<void>;
}

/**
 * Takes the lock of a store's folder. One whose process is gone is taken over: at once where that process ran on this
 * machine, else when it has shown no sign of life for a while.
 * @param patienceMs how long that is
 * @throws LockstepError STORE_IN_USE naming the folder and the process, OUTPUT_UNWRITABLE, DISK_FULL
 */
export async function lockStore(folder: string, patienceMs = PATIENCE_MS): Promise<StoreLock> {
  const path = join(folder, NAME);
  const own = self();
  const draft = `${path}.${own.nonce}`;
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(`${JSON.stringify(own)}\n`);
      while (!(await tookName(draft, path))) await removeStale(path, folder, { aside: `${draft}.stale`, patienceMs });
      return held(path, file);
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  } catch (cause) {
    throw diskError(folder, cause);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A link is made or is there already: nothing in between. */
async function tookName(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cause;
  }
}

async function removeStale(
  path: string,
  folder: string,
  { aside, patienceMs }: { readonly aside: string; readonly patienceMs: number },
): Promise<void> {
  const text = await readIfThere(path);
  if (text === null) return;
  const holder = holderOf(text);
  if (holder && (await isHeld(path, holder, patienceMs))) throw inUse(folder, holder);
  try {
    await rename(path, aside);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
  const moved = await readIfThere(aside);
  // Another coordinator was faster and this is its lock, not the stale one.
  if (moved !== null && moved !== text) await tookName(aside, path);
  await rm(aside, { force: true });
}

async function isHeld(path: string, holder: Holder, patienceMs: number): Promise<boolean> {
  const own = self();
  if (holder.host === own.host && holder.pidNamespace === own.pidNamespace) return isRunning(holder);
  const before = await signOf(path);
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += POLL_MS) {
    await sleep(POLL_MS);
    if ((await signOf(path)) !== before) return true;
  }
  return false;
}

const signOf = (path: string): Promise<number | null> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  );

function held(path: string, file: FileHandle): StoreLock {
  // On the open file, so that a lock of another coordinator that took its place gets no sign.
  const timer = setInterval(() => void file.utimes(new Date(), new Date()).catch(() => {}), SIGN_MS);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      const { ino } = await file.stat();
      const there = await stat(path).catch(() => null);
      await file.close();
      if (there?.ino === ino) await rm(path, { force: true });
    },
  };
}

function self(): Holder {
  let pidNamespace = '';
  try {
    pidNamespace = readlinkSync('/proc/self/ns/pid');
  } catch {}
  const started = processState(process.pid)?.started ?? '';
  return { pid: process.pid, host: hostname(), pidNamespace, started, nonce: randomUUID() };
}

function isRunning({ pid, started }: Holder): boolean {
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
function holderOf(text: string): Holder | null {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function inUse(folder: string, { pid, host }: Holder): LockstepError {
  const message = `Another coordinator works on ${folder}: process ${pid} on ${host}.`;
  return new LockstepError('STORE_IN_USE', { message, field: '--store', value: folder });
}
