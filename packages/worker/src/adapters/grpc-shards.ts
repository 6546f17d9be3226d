/** The shard service as a source of decoded shards and files. */
import {
  fromServiceError,
  type ReadShardResponse__Output,
  type ShardInfo__Output,
  type ShardServiceClient,
} from '@lockstep/protocol';
import { LockstepError, type Shard } from '@lockstep/protocol/core';
import { MAX_FILE_BYTES, MAX_SHARD_READS, SHARD_DEADLINE_MS, SHARD_RETRY_MS } from '../limits.js';
import type { ShardSource } from '../ports.js';
import { checkSha256, type ShardCache } from './shard-cache.js';

/** Who reads what. */
export interface GrpcShardsOptions {
  readonly client: ShardServiceClient;
  readonly cache: ShardCache;
  readonly jobId: string;
  readonly workerId: string;
  readonly incarnation: number;
  /** Told of each piece received, for metrics. */
  readonly onBytes: (bytes: number) => void;
}

/** Shards of one job over the connection of one incarnation. */
export class GrpcShards implements ShardSource {
  readonly #options: GrpcShardsOptions;

  constructor(options: GrpcShardsOptions) {
    this.#options = options;
  }

  read(info: ShardInfo__Output): Promise<Shard> {
    return this.#options.cache.read(info, (name) => this.#readRetrying(name));
  }

  hasRoom(bytes: number): boolean {
    return this.#options.cache.hasRoom(bytes);
  }

  async readFile(name: string, sha256: string): Promise<Uint8Array> {
    const bytes = await this.#readRetrying(name);
    checkSha256(name, bytes, sha256);
    return bytes;
  }

  async #readRetrying(name: string): Promise<Uint8Array> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#readBytes(name);
      } catch (thrown) {
        const error = fromServiceError(thrown);
        if (!error.entry.retryable || attempt >= MAX_SHARD_READS) throw error;
        await new Promise((resolve) => setTimeout(resolve, SHARD_RETRY_MS * attempt));
      }
    }
  }

  async #readBytes(shard: string): Promise<Uint8Array> {
    const { client, jobId, workerId, incarnation, onBytes } = this.#options;
    const deadline = Date.now() + SHARD_DEADLINE_MS;
    const stream = client.readShard({ jobId, shard, workerId, incarnation }, { deadline });
    let whole = Buffer.alloc(0);
    let filled = 0;
    for await (const response of stream as AsyncIterable<ReadShardResponse__Output>) {
      if (filled === 0) {
        if (response.totalBytes > MAX_FILE_BYTES) throw violation(shard, `is ${response.totalBytes} bytes large`);
        whole = Buffer.alloc(response.totalBytes);
      }
      if (response.offset !== filled || filled + response.data.length > whole.length)
        throw violation(shard, 'came in disorder');
      whole.set(response.data, filled);
      filled += response.data.length;
      onBytes(response.data.length);
    }
    if (filled !== whole.length) throw violation(shard, `ended after ${filled} of ${whole.length} bytes`);
    return whole;
  }
}

function violation(shard: string, what: string): LockstepError {
  return new LockstepError('PROTOCOL_VIOLATION', { message: `${shard} ${what}.`, field: 'shard', value: shard });
}
