/**
 * Shared memory of Linux: files without a name (memfd), which the kernel frees with the last process that maps them,
 * however it ends. Others of the same user open them as /proc/PID/fd/N.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import koffi from 'koffi';
import { createMapper, errorName, type MapFunctions, mapFunctions } from './mapping.js';
import { hostLinkUnavailable, type SharedMemoryProvider } from './shared-memory.js';

/** What the kernel shows as the target of /proc/PID/fd/N. */
const NAME = 'lockstep';
const LINK = `/memfd:${NAME} (deleted)`;
const PATH = /^\/proc\/\d+\/fd\/\d+$/;

// From linux/memfd.h, linux/fcntl.h, linux/falloc.h.
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
/** Neither shorter nor longer, for ever: a mapping of it can never end in SIGBUS. */
const SIZE_SEALS = 0x2 | 0x4;
const KEEP_SIZE_AND_PUNCH_HOLE = 0x1 | 0x2;

interface Libc extends MapFunctions {
  readonly memfdCreate: (name: string, flags: number) => number;
  readonly fallocate: (fd: number, mode: number, offset: number, length: number) => number;
  readonly posixFallocate: {
    async(fd: number, offset: number, length: number, done: (error: unknown, errno: number) => void): void;
  };
  readonly fcntl: (fd: number, command: number, type: 'int', value: number) => number;
}

/** Loads the C library. @throws Error where koffi cannot */
export function memfd(): SharedMemoryProvider {
  return createProvider(loadLibc());
}

function loadLibc(): Libc {
  const library = koffi.load(null);
  return {
    memfdCreate: library.func('int memfd_create(const char *name, unsigned int flags)'),
    fallocate: library.func('int fallocate(int fd, int mode, int64_t offset, int64_t length)'),
    posixFallocate: library.func('int posix_fallocate(int fd, int64_t offset, int64_t length)'),
    fcntl: library.func('int fcntl(int fd, int command, ...)'),
    ...mapFunctions(library),
  } as unknown as Libc;
}

function createProvider(libc: Libc): SharedMemoryProvider {
  const mapped = createMapper(libc);
  const map = (path: string, fd: number, byteLength: number, access: 'read' | 'write') => {
    const clear = (): void => void libc.fallocate(fd, KEEP_SIZE_AND_PUNCH_HOLE, 0, byteLength);
    return mapped({ path, fd, byteLength, access, clear });
  };

  return {
    async create(byteLength) {
      // Beyond what is free the kernel would kill other processes rather than refuse: these pages are nobody's yet.
      const free = process.availableMemory();
      if (byteLength > free) throw hostLinkUnavailable(`it takes ${byteLength} bytes, and ${free} are free`);
      const fd = libc.memfdCreate(NAME, MFD_CLOEXEC | MFD_ALLOW_SEALING);
      if (fd < 0) throw hostLinkUnavailable(`memfd_create failed with ${errorName(koffi.errno())}`);
      try {
        await reserve(libc, fd, byteLength);
        libc.fcntl(fd, F_ADD_SEALS, 'int', SIZE_SEALS);
        return map(`/proc/${process.pid}/fd/${fd}`, fd, byteLength, 'write');
      } catch (thrown) {
        closeSync(fd);
        throw thrown;
      }
    },

    open(path, byteLength, access) {
      const fd = openShared(path, access);
      try {
        const seals = libc.fcntl(fd, F_GET_SEALS, 'int', 0);
        if (fstatSync(fd).size !== byteLength || (seals & SIZE_SEALS) !== SIZE_SEALS)
          throw hostLinkUnavailable(`${path} is not of ${byteLength} bytes for good`);
        return map(path, fd, byteLength, access);
      } catch (thrown) {
        closeSync(fd);
        throw thrown;
      }
    },
  };
}

/** Takes the pages now, where their absence is an error; at their first use it would be the end of the process. */
async function reserve({ posixFallocate }: Libc, fd: number, byteLength: number): Promise<void> {
  const errno = await new Promise<number>((resolve, reject) => {
    posixFallocate.async(fd, 0, byteLength, (error, result) => (error ? reject(error) : resolve(result)));
  });
  if (errno !== 0)
    throw hostLinkUnavailable(`${byteLength} bytes of shared memory were refused with ${errorName(errno)}`);
}

/** Opens memory of another process; what else may stand at that path of another machine is not touched. */
function openShared(path: string, access: 'read' | 'write'): number {
  if (!PATH.test(path)) throw hostLinkUnavailable(`"${path}" is no path of shared memory`);
  try {
    const target = readlinkSync(path);
    if (target !== LINK) throw hostLinkUnavailable(`${path} is another program's here: ${target}`);
    return openSync(path, access === 'read' ? constants.O_RDONLY : constants.O_RDWR);
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw hostLinkUnavailable(`there is no ${path} here, so the other process runs elsewhere`);
    if (code === 'EACCES' || code === 'EPERM') throw hostLinkUnavailable(`${path} belongs to another user`);
    throw code?.startsWith('E') ? hostLinkUnavailable(message, thrown) : thrown;
  }
}
