/** What the coordinator's adapters use of node:fs, on the simulated disk. */
import type { Disk } from './disk.ts';
import { environment } from './environment.ts';

class FileHandle {
  readonly #path: string;
  readonly #inode: ReturnType<Disk['find']> | null;
  readonly #disk = environment().disk;
  #at = 0;

  constructor(path: string, inode: ReturnType<Disk['find']> | null) {
    this.#path = path;
    this.#inode = inode;
  }

  /** Appends; a crash may come in the middle. */
  async writeFile(content: Uint8Array | string): Promise<void> {
    const bytes = Buffer.from(content as Uint8Array);
    const half = Math.floor(bytes.length / 2);
    for (const piece of [bytes.subarray(0, half), bytes.subarray(half)]) {
      await this.#disk.operation('write', this.#path);
      if (this.#inode) this.#inode.data = Buffer.concat([this.#inode.data, piece]);
    }
  }

  /** Reads on from where the last read ended. */
  async read(target: Uint8Array, offset: number, length: number): Promise<{ bytesRead: number }> {
    await this.#disk.operation('read', this.#path);
    const piece = this.#inode?.data.subarray(this.#at, this.#at + length) ?? Buffer.alloc(0);
    target.set(piece, offset);
    this.#at += piece.length;
    return { bytesRead: piece.length };
  }

  async sync(): Promise<void> {
    await this.#disk.operation('write', this.#path);
    if (this.#inode) this.#inode.synced = Buffer.from(this.#inode.data);
    else this.#disk.sync(this.#path);
  }

  async stat(): Promise<{ size: number }> {
    return { size: this.#inode?.data.length ?? 0 };
  }

  async close(): Promise<void> {}
}

/** What lies beside the program is nothing of the simulated disk. */
export function existsSync(): boolean {
  return false;
}

export async function open(path: string, flags: string): Promise<FileHandle> {
  const { disk } = environment();
  await disk.operation(flags === 'r' ? 'read' : 'write', path);
  if (flags !== 'r') return new FileHandle(path, disk.create(path, flags === 'w'));
  return new FileHandle(path, disk.isFolder(path) ? null : disk.find(path));
}

export async function appendFile(path: string, text: string): Promise<void> {
  await (await open(path, 'a')).writeFile(text);
}

export async function mkdir(path: string): Promise<void> {
  environment().disk.makeFolder(path);
}

export async function rename(from: string, to: string): Promise<void> {
  const { disk } = environment();
  await disk.operation('write', to);
  disk.rename(from, to);
}

export async function rm(path: string): Promise<void> {
  const { disk } = environment();
  await disk.operation('read', path);
  disk.remove(path);
}

/** Folders of the simulated disk stay. */
export async function rmdir(): Promise<void> {}

export async function readdir(path: string): Promise<string[]> {
  const { disk } = environment();
  await disk.operation('read', path);
  return disk.list(path);
}

export async function readFile(path: string, encoding?: BufferEncoding): Promise<Buffer | string> {
  const { disk } = environment();
  await disk.operation('read', path);
  const bytes = Buffer.from(disk.find(path).data);
  return encoding ? bytes.toString(encoding) : bytes;
}

export async function stat(path: string): Promise<{ size: number; isFile(): boolean }> {
  const { disk } = environment();
  await disk.operation('read', path);
  const isFolder = disk.isFolder(path);
  return { size: isFolder ? 0 : disk.find(path).data.length, isFile: () => !isFolder };
}

/** Times are of the real disk only: nobody sweeps a store that goes away with its coordinator. */
export async function utimes(): Promise<void> {}

export async function* createReadStream(path: string): AsyncGenerator<Buffer> {
  yield (await readFile(path)) as Buffer;
}
