/** Reads shards over gRPC, checks them and keeps them in memory below a limit. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ShardInfo__Output } from '@lockstep/protocol';
import { decodeShard, LockstepError, type Shard } from '@lockstep/protocol/core';

/** Reads the whole of a job's file. */
export type ReadBytes = (name: string) => Promise<Uint8Array>;

interface Entry {
  readonly shard: Promise<Shard>;
  readonly bytes: number;
}

/** Decoded shards by SHA-256; the one used longest ago goes first. */
export class ShardCache {
  readonly #limitBytes: number;
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  /** @param limitBytes of shard files; one larger shard is kept alone */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether `bytes` more can be held without dropping any. */
  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= this.#limitBytes;
  }

  /** A shard from memory, or read, checked and kept. @throws LockstepError SHARD_DAMAGED when its SHA-256 is wrong */
  read(info: ShardInfo__Output, readBytes: ReadBytes): Promise<Shard> {
    const held = this.#entries.get(info.sha256);
    if (held) {
      this.#entries.delete(info.sha256);
      this.#entries.set(info.sha256, held);
      // A read that another connection began may fail with it; then this one reads for itself.
      return held.shard.catch(() => this.read(info, readBytes));
    }
    const shard = readBytes(info.name).then((bytes) => {
      checkSha256(info.name, bytes, info.sha256);
      return decodeShard(bytes, crc32);
    });
    this.#entries.set(info.sha256, { shard, bytes: info.bytes });
    this.#bytes += info.bytes;
    shard.catch(() => this.#drop(info.sha256));
    for (const sha256 of this.#entries.keys()) {
      if (this.#bytes <= this.#limitBytes || this.#entries.size === 1) break;
      if (sha256 !== info.sha256) this.#drop(sha256);
    }
    return shard;
  }

  #drop(sha256: string): void {
    const entry = this.#entries.get(sha256);
    if (!entry) return;
    this.#entries.delete(sha256);
    this.#bytes -= entry.bytes;
  }
}

/** @throws LockstepError SHARD_DAMAGED when bytes don't have the SHA-256 that the plan names */
export function checkSha256(name: string, bytes: Uint8Array, expected: string): void {
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === expected) return;
  const message = `${name} has SHA-256 ${found}, not ${expected}.`;
  throw new LockstepError('SHARD_DAMAGED', { message, field: 'shard', value: name });
}
