/** A simulated disk: what is written but not synced survives the death of a process, not that of its machine. */
import type { Draws } from './draws.ts';
import type { World } from './kernel.ts';

/** How bad the disk is. */
export interface DiskOptions {
  readonly operationMs: number;
  /** Share of writes and syncs of checkpoints that fail while faults are on. */
  readonly errorShare: number;
}

/** Bytes at the end of a checkpoint that damage prefers. */
const TAIL_BYTES = 300;

/** Contents of a file. */
interface Inode {
  data: Buffer;
  /** As of the last sync; null before it. */
  synced: Buffer | null;
}

/** The disk of the coordinator's machine. */
export class Disk {
  readonly #world: World;
  readonly #options: DiskOptions;
  #entries = new Map<string, Inode>();
  #syncedEntries = new Map<string, Inode>();
  readonly #folders = new Set<string>(['/']);
  isFaulty = true;
  /** Told of each new name in a folder, from outside of the product. */
  onName: (path: string, data: Buffer) => void = () => {};
  /** Told before a file goes. */
  onRemove: (path: string) => void = () => {};

  constructor(world: World, options: DiskOptions) {
    this.#world = world;
    this.#options = options;
  }

  /** Waits as an operation does. @throws Error ENOSPC or EIO where a fault is drawn for a checkpoint */
  async operation(kind: 'read' | 'write', path: string): Promise<void> {
    const draws = this.#draws();
    await this.#world.sleep(draws.between(0.1, 1) * this.#options.operationMs, `${kind} ${path}`);
    if (kind === 'read' || !this.isFaulty || !path.includes('/checkpoints/')) return;
    if (!draws.chance(this.#options.errorShare)) return;
    this.#world.sometimes('disk error');
    throw failure(draws.chance(0.5) ? 'ENOSPC' : 'EIO', path);
  }

  makeFolder(path: string): void {
    for (let at = path; at !== '/' && at !== ''; at = parentOf(at)) this.#folders.add(at);
  }

  create(path: string, isEmptied: boolean): Inode {
    if (!this.#folders.has(parentOf(path))) throw failure('ENOENT', path);
    let inode = this.#entries.get(path);
    if (!inode) {
      inode = { data: Buffer.alloc(0), synced: null };
      this.#entries.set(path, inode);
    }
    if (isEmptied) inode.data = Buffer.alloc(0);
    return inode;
  }

  find(path: string): Inode {
    const inode = this.#entries.get(path);
    if (!inode) throw failure('ENOENT', path);
    return inode;
  }

  isFolder(path: string): boolean {
    return this.#folders.has(path);
  }

  list(folder: string): string[] {
    if (!this.#folders.has(folder)) throw failure('ENOENT', folder);
    const below = [...this.#entries.keys(), ...this.#folders].filter(
      (path) => path !== '/' && parentOf(path) === folder,
    );
    // No order is promised.
    const draws = this.#draws();
    return below
      .map((path) => ({ name: path.slice(folder.length + 1), order: draws.unit() }))
      .sort((left, right) => left.order - right.order)
      .map(({ name }) => name);
  }

  rename(from: string, to: string): void {
    const inode = this.find(from);
    this.#entries.delete(from);
    this.#entries.set(to, inode);
    this.onName(to, inode.data);
  }

  remove(path: string): void {
    if (this.#entries.has(path)) this.onRemove(path);
    this.#entries.delete(path);
  }

  sync(path: string): void {
    if (!this.#folders.has(path)) {
      const inode = this.find(path);
      inode.synced = Buffer.from(inode.data);
      return;
    }
    for (const name of new Set([...this.#entries.keys(), ...this.#syncedEntries.keys()])) {
      if (parentOf(name) !== path) continue;
      const inode = this.#entries.get(name);
      if (inode) this.#syncedEntries.set(name, inode);
      else this.#syncedEntries.delete(name);
    }
  }

  /** Puts a file there as if it had always been. */
  put(path: string, data: Buffer): void {
    this.makeFolder(parentOf(path));
    const inode = { data, synced: data };
    this.#entries.set(path, inode);
    this.#syncedEntries.set(path, inode);
  }

  /** The content of a file now, null where there is none. */
  peek(path: string): Buffer | null {
    return this.#entries.get(path)?.data ?? null;
  }

  paths(): readonly string[] {
    return [...this.#entries.keys()].sort();
  }

  /** Changes bits of a file, as an old disk does. */
  damage(path: string): void {
    const inode = this.#entries.get(path);
    if (!inode || inode.data.length === 0) return;
    const draws = this.#draws();
    const data = Buffer.from(inode.data);
    if (draws.chance(0.3)) inode.data = data.subarray(0, draws.whole(0, data.length - 1));
    else {
      const last = data.length - 1;
      // Its end holds what only a checksum can tell from the right bytes.
      const at = draws.whole(draws.chance(0.5) ? Math.max(0, last - TAIL_BYTES) : 0, last);
      data[at] = (data[at] ?? 0) ^ 0x04;
      inode.data = data;
    }
    inode.synced = inode.data;
    this.#world.sometimes('torn checkpoint');
    this.#world.trace(`${path} is damaged`);
  }

  /** The machine loses power: names and contents that were not synced are there, torn, or not there. */
  powerCut(): void {
    const draws = this.#draws();
    for (const name of new Set([...this.#entries.keys(), ...this.#syncedEntries.keys()])) {
      if (this.#entries.get(name) === this.#syncedEntries.get(name) || draws.chance(0.5)) continue;
      const inode = this.#entries.get(name);
      if (inode) this.#syncedEntries.set(name, inode);
      else this.#syncedEntries.delete(name);
    }
    this.#entries = new Map(this.#syncedEntries);
    for (const inode of this.#entries.values()) {
      inode.data = afterPowerCut(inode, draws);
      inode.synced = inode.data;
    }
  }

  #draws(): Draws {
    return this.#world.draws('disk');
  }
}

function afterPowerCut({ data, synced }: Inode, draws: Draws): Buffer {
  if (synced && (synced === data || synced.equals(data))) return data;
  const kind = draws.whole(0, 2);
  if (kind === 0) return synced ?? Buffer.alloc(0);
  if (kind === 1) return Buffer.from(data.subarray(0, draws.whole(0, data.length)));
  const holed = Buffer.from(data);
  holed.fill(0, draws.whole(0, data.length));
  return holed;
}

function parentOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at <= 0 ? '/' : path.slice(0, at);
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
