/** A bucket in NATS JetStream: on disk, read through its leader only, written by compare-and-set. */

import { LockstepError, type NatsConnection } from '@lockstep/protocol';
import {
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  StorageType,
} from '@nats-io/jetstream';
import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import { BUCKET_READS_AT_ONCE, BUCKET_TIMEOUT_MS } from '../limits.js';
import type { BucketState, BucketValue, RecordBucket } from './bucket.js';

/** What KV puts before the name of a bucket to name its stream. */
const STREAM_PREFIX = 'KV_';
/** Milliseconds after which what a marker stands for is off the server's disk for sure. */
const MARKER_MS = 3_600_000;

/** One bucket of a NATS account. */
export class JetStreamBucket implements RecordBucket {
  readonly #name: string;
  readonly #streams: JetStreamManager['streams'];
  readonly #kvm: Kvm;
  readonly #kv: KV;

  private constructor(name: string, manager: JetStreamManager, kvm: Kvm, kv: KV) {
    this.#name = name;
    this.#streams = manager.streams;
    this.#kvm = kvm;
    this.#kv = kv;
  }

  /** Makes nothing yet. @returns null where the account has no JetStream. @throws LockstepError NATS_UNREACHABLE */
  static async open(nats: NatsConnection, name: string): Promise<JetStreamBucket | null> {
    // The server's own account, not one of a cluster that it may lead to, is what a single box has.
    if (!nats.info?.jetstream) return null;
    try {
      const manager = await jetstreamManager(nats, { timeout: BUCKET_TIMEOUT_MS, checkAPI: false });
      await manager.getAccountInfo();
      const kvm = new Kvm(nats);
      return new JetStreamBucket(name, manager, kvm, await kvm.open(name, { allow_direct: false }));
    } catch (cause) {
      if (isApiError(cause, JetStreamApiCodes.JetStreamNotEnabledForAccount)) return null;
      const message = `JetStream of NATS does not answer: ${cause instanceof Error ? cause.message : String(cause)}`;
      throw new LockstepError('NATS_UNREACHABLE', { message, field: 'nats', value: nats.getServer(), cause });
    }
  }

  async make(): Promise<void> {
    await this.#kvm.create(this.#name, {
      // A follower may answer a direct read with what is long overwritten.
      allow_direct: false,
      storage: StorageType.File,
      history: 1,
      description: 'Index of the jobs of a Lockstep coordinator; its store is the truth',
    });
  }

  async state(): Promise<BucketState | null> {
    try {
      const { created, state } = await this.#streams.info(STREAM_PREFIX + this.#name);
      return { created, lastRevision: state.last_seq };
    } catch (thrown) {
      if (isApiError(thrown, JetStreamApiCodes.StreamNotFound)) return null;
      throw thrown;
    }
  }

  async get(key: string): Promise<BucketValue | null> {
    const entry = await this.#kv.get(key);
    return entry && readValue(entry);
  }

  /** Asks for each key by itself: a consumer that ends early would look like a shorter list. */
  async list(): Promise<ReadonlyMap<string, BucketValue>> {
    const prefix = `$KV.${this.#name}.`;
    const { state } = await this.#streams.info(STREAM_PREFIX + this.#name, { subjects_filter: '>' });
    const keys = Object.keys(state.subjects ?? {}).map((subject) => subject.slice(prefix.length));
    const values = new Map<string, BucketValue>();
    const readNext = async (): Promise<void> => {
      for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
        const entry = await this.#kv.get(key);
        if (!entry) continue;
        if (entry.operation !== 'PUT' && Date.now() - entry.created.getTime() > MARKER_MS) await this.#forget(key);
        else values.set(key, readValue(entry));
      }
    };
    await Promise.all(Array.from({ length: BUCKET_READS_AT_ONCE }, readNext));
    return values;
  }

  put(key: string, text: string, lastRevision: number): Promise<number> {
    // Not create(), which reads after a failure and then reports the failure although it may have won.
    return this.#kv.put(key, text, { previousSeq: lastRevision });
  }

  async remove(key: string): Promise<void> {
    // Writes a marker, which outlives a crash of the server as every write does; a removal without one does not.
    await this.#kv.purge(key);
  }

  async #forget(key: string): Promise<void> {
    await this.#streams.purge(STREAM_PREFIX + this.#name, { filter: `$KV.${this.#name}.${key}` });
  }
}

function readValue(entry: KvEntry): BucketValue {
  return { text: entry.operation === 'PUT' ? entry.string() : '', revision: entry.revision };
}

function isApiError(thrown: unknown, code: number): boolean {
  return thrown instanceof JetStreamApiError && thrown.code === code;
}
