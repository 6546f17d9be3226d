/** Receives the broadcast of one job's parameters and fetches what the broadcast did not bring. */
import { crc32 } from 'node:zlib';
import type { NatsConnection } from '@nats-io/transport-node';
import { ParameterAssembler } from '../core/parameters/assembler.js';
import type { VersionKey } from '../core/parameters/chunk.js';
import { LockstepError } from '../errors/lockstep-error.js';
import { EXPECTED_BYTES_PER_MS, MAX_REFETCHES, MIN_PATIENCE_MS, PATIENCE_FACTOR } from '../limits.js';
import type { NatsUser } from './account.js';
import { type BroadcastFeed, openBroadcastFeed } from './broadcast-feed.js';
import { chunkBytes } from './chunk-bytes.js';
import { readChunkHeader } from './chunk-headers.js';
import type { TakeMessage } from './message-reader.js';
import { VersionBuffers } from './version-buffers.js';

/** A version of the parameters as a step command names it. */
export interface WantedVersion extends VersionKey {
  /** CRC-32 over the version's chunk tuples. */
  readonly digest: number;
}

/**
 * Fetches ranges (in elements) of a version from the coordinator. Each piece goes to `fill`.
 * Rejects when the coordinator has no such version.
 */
export type Refetch = (
  wanted: WantedVersion,
  ranges: readonly { readonly start: number; readonly end: number }[],
  fill: (start: number, bytes: Uint8Array) => void,
) => Promise<void>;

/** What a receiver needs. */
export interface ReceiverOptions {
  readonly job: string;
  /** Subject of the broadcast, as the job's plan names it. */
  readonly subject: string;
  /** Length of the flat vector. */
  readonly elementCount: number;
  /** Where versions are assembled: two buffers of `elementCount`, each on a 64-byte boundary. */
  readonly buffers: readonly [Float32Array, Float32Array];
  /** Largest payload of the publisher's chunks. @default as the publisher's, from the server's max_payload */
  readonly maxChunkBytes?: number;
  /** As whom the broadcast is heard. @default as the connection */
  readonly user?: NatsUser;
  readonly refetch: Refetch;
  /** Told why NATS does not let it hear the broadcast, once for each reason. */
  readonly onRefusal?: (why: string) => void;
  /** Told of each payload received, for metrics. */
  readonly onBytes?: (bytes: number) => void;
}

interface Waiter {
  readonly wanted: WantedVersion;
  readonly resolve: () => void;
  /** Starts the fetch without more patience. */
  readonly hurry: () => void;
}

/** Assembles versions as they arrive; {@link whenComplete} is the only way to wait for one. */
export class ParameterReceiver {
  readonly #options: ReceiverOptions;
  readonly #assembler: ParameterAssembler;
  readonly #feed: BroadcastFeed;
  readonly #waiters = new Set<Waiter>();
  #broadcastMs: number;
  readonly #maxChunkBytes: number;
  #current = { version: -1, leadershipEpoch: -1, startedAtMs: 0 };

  constructor(connection: NatsConnection, options: ReceiverOptions) {
    this.#options = options;
    const buffers = new VersionBuffers(options.buffers);
    this.#maxChunkBytes = options.maxChunkBytes ?? chunkBytes(connection);
    this.#broadcastMs = (options.elementCount * 4) / EXPECTED_BYTES_PER_MS;
    this.#assembler = new ParameterAssembler({
      job: options.job,
      elementCount: options.elementCount,
      crc32,
      buffer: (key) => buffers.take(key),
    });
    const take: TakeMessage = (headers, payload) => this.#take(headers, payload);
    this.#feed = openBroadcastFeed(connection, options.subject, take, options);
  }

  /** Settles once versions that are published arrive, or a first attempt to hear them has failed. */
  get opened(): Promise<void> {
    return this.#feed.opened;
  }

  /**
   * Waits until a version is whole and returns its buffer.
   * @throws LockstepError DEADLINE after `timeoutMs`, or what the fetch failed with
   */
  async whenComplete(wanted: WantedVersion, timeoutMs: number): Promise<Float32Array> {
    if (!this.holds(wanted)) await this.#wait(wanted, timeoutMs);
    return this.#assembler.read(wanted);
  }

  /** Whether the whole version is there now, of the leadership and with the digest asked for. */
  holds(wanted: WantedVersion): boolean {
    return this.#assembler.isComplete(wanted) && this.#assembler.digest(wanted) === wanted.digest;
  }

  /** Ends the subscription. */
  close(): void {
    this.#feed.close();
  }

  #take(...[headers, payload]: Parameters<TakeMessage>): void {
    const header = readChunkHeader(headers);
    if (!header) return;
    this.#options.onBytes?.(payload.length);
    const { version, leadershipEpoch } = header;
    if (!isSame(header, this.#current)) this.#current = { version, leadershipEpoch, startedAtMs: performance.now() };
    const { completed } = this.#assembler.offer(header, payload);
    const gap = header.chunk === header.count - 1 && completed === null;
    if (completed !== null) this.#broadcastMs = performance.now() - this.#current.startedAtMs;
    for (const waiter of this.#waiters) {
      if (this.holds(waiter.wanted)) waiter.resolve();
      else if (gap && isSame(waiter.wanted, header)) waiter.hurry();
    }
  }

  async #wait(wanted: WantedVersion, timeoutMs: number): Promise<void> {
    const patienceMs = Math.max(MIN_PATIENCE_MS, PATIENCE_FACTOR * this.#broadcastMs);
    const cleanups: (() => void)[] = [];
    const timer = (ms: number, then: () => void): void => {
      const handle = setTimeout(then, ms);
      cleanups.push(() => clearTimeout(handle));
    };
    const deadline = new Promise<never>((_resolve, reject) => {
      const message = `Version ${wanted.version} of the parameters did not arrive within ${timeoutMs} ms.`;
      timer(timeoutMs, () => reject(new LockstepError('DEADLINE', { message })));
    });
    let hurry: () => void = () => {};
    const impatient = new Promise<'impatient'>((resolve) => {
      hurry = () => resolve('impatient');
      // Spread, so that all workers that miss the same chunk don't ask at once.
      timer(patienceMs * (1 + 0.2 * Math.random()), hurry);
    });
    // Nothing comes over a link that is down.
    if (!this.#feed.isUp) hurry();
    cleanups.push(this.#feed.onLoss(hurry));
    const arrived = new Promise<'arrived'>((resolve) => {
      const waiter: Waiter = { wanted, resolve: () => resolve('arrived'), hurry };
      this.#waiters.add(waiter);
      cleanups.push(() => this.#waiters.delete(waiter));
    });
    try {
      if ((await Promise.race([arrived, impatient, deadline])) === 'arrived') return;
      await Promise.race([arrived, this.#fetch(wanted), deadline]);
    } finally {
      for (const cleanup of cleanups) cleanup();
    }
  }

  async #fetch(wanted: WantedVersion): Promise<void> {
    const { version, digest } = wanted;
    for (let attempt = 1; !this.holds(wanted); attempt++) {
      // Whole but with another digest: nothing of it can be trusted.
      if (this.#assembler.isComplete(wanted)) this.#assembler.forget(wanted);
      try {
        await this.#options.refetch(wanted, this.#assembler.missing(wanted), (start, bytes) => {
          this.#assembler.fill(wanted, start, bytes);
        });
        if (this.holds(wanted) || this.#assembler.finishRefetch(wanted, digest, this.#maxChunkBytes)) return;
        this.#assembler.forget(wanted);
        const message = `Version ${version} of the parameters was fetched with another digest than the command's.`;
        throw new LockstepError('PARAMETERS_DAMAGED', { message });
      } catch (thrown) {
        const error = LockstepError.from(thrown);
        if (!error.entry.retryable || attempt >= MAX_REFETCHES) throw error;
        await new Promise((resolve) => setTimeout(resolve, MIN_PATIENCE_MS * attempt));
      }
    }
  }
}

function isSame(one: VersionKey, other: VersionKey): boolean {
  return one.leadershipEpoch === other.leadershipEpoch && one.version === other.version;
}
