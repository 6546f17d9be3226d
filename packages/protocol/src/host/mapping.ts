/** Maps open files into this process: what every kind of shared memory here does alike. */
import { closeSync } from 'node:fs';
import { getSystemErrorName } from 'node:util';
import koffi, { type LibraryHandle } from 'koffi';
import { hostLinkUnavailable, type SharedMemory } from './shared-memory.js';

// From sys/mman.h: the same on Linux and macOS.
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_FAILED = 2n ** 64n - 1n;

/** The functions of the C library that map memory. */
export interface MapFunctions {
  readonly mmap: (at: null, length: number, protection: number, flags: number, fd: number, offset: number) => bigint;
  readonly munmap: (address: bigint, length: number) => number;
}

/** Those of a loaded C library. */
export function mapFunctions(library: LibraryHandle): MapFunctions {
  return {
    mmap: library.func('void *mmap(void *at, size_t length, int protection, int flags, int fd, int64_t offset)'),
    munmap: library.func('int munmap(void *address, size_t length)'),
  } as unknown as MapFunctions;
}

/** An open file to map. */
export interface MappedFile {
  readonly path: string;
  readonly fd: number;
  readonly byteLength: number;
  readonly access: 'read' | 'write';
  /** Ends the name that others open it by; a maker's. */
  readonly unlink?: () => void;
  /** Makes it zeros for everybody who has mapped it. */
  readonly clear: (bytes: ArrayBuffer) => void;
}

/** Maps files, and unmaps each once nothing can reach it. @throws LockstepError HOST_LINK_UNAVAILABLE */
export function createMapper({ mmap, munmap }: MapFunctions): (file: MappedFile) => SharedMemory {
  /** Not before: a view of what is unmapped would crash the process. */
  const unreachable = new FinalizationRegistry<{ address: bigint; byteLength: number }>(({ address, byteLength }) => {
    munmap(address, byteLength);
  });
  return ({ path, fd, byteLength, access, unlink, clear }) => {
    const protection = access === 'read' ? PROT_READ : PROT_READ | PROT_WRITE;
    const address = mmap(null, byteLength, protection, MAP_SHARED, fd, 0);
    if (address === MAP_FAILED) throw hostLinkUnavailable(`mmap failed with ${errorName(koffi.errno())}`);
    const bytes = koffi.view(address, byteLength) as ArrayBuffer;
    unreachable.register(bytes, { address, byteLength });
    let isOpen = true;
    const close = (): void => {
      if (!isOpen) return;
      isOpen = false;
      unlink?.();
      closeSync(fd);
    };
    const discard = (): void => {
      if (isOpen && access === 'write') clear(bytes);
      close();
    };
    return { path, bytes, close, discard };
  };
}

/** The name of an error number, such as "ENOSPC". */
export function errorName(errno: number): string {
  return getSystemErrorName(-errno);
}
