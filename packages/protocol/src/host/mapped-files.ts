/**
 * Shared memory of macOS, and of any POSIX system: files that are mapped, in a folder that only this user can enter. Their
 * maker removes them when it closes them; those of a process that was killed go when the next one makes some.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import koffi from 'koffi';
import { createMapper, mapFunctions } from './mapping.js';
import { hostLinkUnavailable, type SharedMemoryProvider } from './shared-memory.js';

const NAME = /^(\d+)-[0-9a-f]{16}\.shared$/;
/** Bytes of one write when a file is filled. */
const PIECE_BYTES = 1 << 20;
/** Read and write for this user alone. */
const MODE = 0o600;

/** Shared memory in a folder, which is made where only its last part is not there. @throws Error where koffi cannot load the C library */
export function mappedFiles(folder: string): SharedMemoryProvider {
  const map = createMapper(mapFunctions(koffi.load(null)));
  const clear = (bytes: ArrayBuffer): void => void new Uint8Array(bytes).fill(0);
  let isSwept = false;
  return {
    async create(byteLength) {
      checkFolder(folder);
      if (!isSwept) sweep(folder);
      isSwept = true;
      const { bavail, bsize } = statfsSync(folder);
      if (byteLength > bavail * bsize)
        throw hostLinkUnavailable(`it takes ${byteLength} bytes, and ${folder} has room for ${bavail * bsize}`);
      const path = join(folder, `${process.pid}-${randomBytes(8).toString('hex')}.shared`);
      const unlink = (): void => rmSync(path, { force: true });
      try {
        await writeZeros(path, byteLength);
        // A descriptor of its own: a FileHandle closes itself once it is collected.
        const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
        return closedOnError(fd, () => map({ path, fd, byteLength, access: 'write', unlink, clear }));
      } catch (thrown) {
        unlink();
        throw unavailable(thrown);
      }
    },

    open(path, byteLength, access) {
      if (dirname(path) !== folder || !NAME.test(basename(path)))
        throw hostLinkUnavailable(`"${path}" is no path of shared memory`);
      try {
        checkFolder(folder);
        const fd = openSync(path, (access === 'read' ? constants.O_RDONLY : constants.O_RDWR) | constants.O_NOFOLLOW);
        return closedOnError(fd, () => {
          const { size } = fstatSync(fd);
          if (size !== byteLength) throw hostLinkUnavailable(`${path} has ${size} bytes, not ${byteLength}`);
          return map({ path, fd, byteLength, access, clear });
        });
      } catch (thrown) {
        throw unavailable(thrown);
      }
    },
  };
}

/** Closes a descriptor that nobody has where something goes wrong. */
function closedOnError<Result>(fd: number, use: () => Result): Result {
  try {
    return use();
  } catch (thrown) {
    closeSync(fd);
    throw thrown;
  }
}

/** Makes the folder, or refuses one that others can enter. */
function checkFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  }
  const { uid, mode } = lstatSync(folder);
  const isOurs = uid === userInfo().uid && (mode & constants.S_IFMT) === constants.S_IFDIR && (mode & 0o077) === 0;
  if (!isOurs) throw hostLinkUnavailable(`${folder} is not a folder of this user alone`);
}

/** Removes what processes left that are no more. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = NAME.exec(name)?.[1];
    if (pid && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Takes the room now, where its absence is an error; at a page's first use it would be the end of the process. */
async function writeZeros(path: string, byteLength: number): Promise<void> {
  const file = await openFile(path, 'wx', MODE);
  try {
    const zeros = Buffer.alloc(Math.min(PIECE_BYTES, byteLength));
    for (let at = 0; at < byteLength; ) {
      const { bytesWritten } = await file.write(zeros, 0, Math.min(zeros.length, byteLength - at));
      at += bytesWritten;
    }
  } finally {
    await file.close();
  }
}

function unavailable(thrown: unknown): unknown {
  const { code, message } = thrown as NodeJS.ErrnoException;
  return code?.startsWith('E') ? hostLinkUnavailable(message, thrown) : thrown;
}
