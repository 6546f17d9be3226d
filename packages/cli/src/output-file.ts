/** The one file of `--out`, whatever stands at its path: nothing, a file, a link, a pipe, a device. */
import { once } from 'node:events';
import { constants, openSync, type Stats } from 'node:fs';
import { open, readlink, realpath, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LockstepError, writeError } from '@lockstep/protocol/core';
import { type FileContent, writeContent, writeWholeFiles } from './whole-files.js';

/** Names of standard output. It is not opened again: what is printed after shares its position. */
const STDOUT: readonly string[] = ['/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];
/** Between two looks for a reader of a pipe. */
const READER_POLL_MS = 50;
/** As many as Linux follows. */
const MAX_LINKS = 40;

/** Whether a path leads to a pipe, a device or the like, which is written into and not replaced. */
export async function isStream(path: string): Promise<boolean> {
  const found = await statOf(path);
  return STDOUT.includes(path) || (found !== null && !found.isFile() && !found.isDirectory());
}

/**
 * Writes a file as a whole where links lead, or into what is a pipe or a device.
 * @param option the one that named it
 * @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE
 */
export async function writeOutputFile(path: string, content: FileContent, option = '--out'): Promise<void> {
  if (STDOUT.includes(path)) return writeTo(process.stdout, typeof content === 'string' ? [content] : content);
  if (!(await isStream(path))) {
    return writeWholeFiles({ [await targetOf(path)]: content }, { out: path, replace: true, option });
  }
  try {
    if ((await stat(path)).isFIFO()) return await writePipe(path, content);
    const file = await open(path, 'w');
    await writeContent(file, content).finally(() => file.close());
  } catch (cause) {
    throw writeError(path, cause, { field: option });
  }
}

/** Refuses an option such as `--out` that leads to a file the command reads: it would be gone. @throws LockstepError USAGE */
export async function refuseOwnInput(out: string, inputs: readonly string[], option = '--out'): Promise<void> {
  const target = await statOf(out);
  if (!target?.isFile()) return;
  for (const input of inputs) {
    const read = await statOf(input);
    if (read?.dev !== target.dev || read.ino !== target.ino) continue;
    const message = `${option} is ${input}, which this command reads: it would be replaced.`;
    throw new LockstepError('USAGE', { message, field: option, value: out, fix: `Choose another ${option}.` });
  }
}

/** Writes pieces at the pace at which a stream takes them. */
export async function writeTo(
  stream: Writable,
  pieces: Iterable<string> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  for await (const piece of pieces) if (!stream.write(piece)) await once(stream, 'drain');
}

/** Waits for a reader and writes without a blocked call, which would keep the command from ending. */
async function writePipe(path: string, content: FileContent): Promise<void> {
  const fd = await openOnceRead(path);
  const pipe = new Socket({ fd, readable: false, writable: true });
  await pipeline(Readable.from(typeof content === 'string' ? [content] : content), pipe);
}

async function openOnceRead(path: string): Promise<number> {
  for (;;) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENXIO') throw thrown;
      await sleep(READER_POLL_MS);
    }
  }
}

/** Where the links at a path lead, also to a file that is not there. */
export async function targetOf(path: string): Promise<string> {
  let target = resolve(path);
  for (let links = 0; links < MAX_LINKS; links++) {
    const folder = await realpath(dirname(target)).catch(() => dirname(target));
    target = join(folder, basename(target));
    const link = await readlink(target).catch(() => null);
    if (link === null) break;
    target = resolve(folder, link);
  }
  return target;
}

function statOf(path: string): Promise<Stats | null> {
  return stat(path).catch(() => null);
}
