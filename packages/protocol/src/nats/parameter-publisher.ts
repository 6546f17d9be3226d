/** Broadcasts whole versions of the parameters in chunks, paced below what the server buffers for a slow receiver. */
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { type ChunkHeader, chunkRanges, versionDigest } from '../core/parameters/chunk.js';
import { PUBLISH_CREDIT_BYTES } from '../limits.js';
import { chunkBytes } from './chunk-bytes.js';
import { linkOf, type NatsLink } from './link.js';
import { parameterSubject } from './subjects.js';

/** What is published, and in what pieces. */
export interface PublisherOptions {
  /** Job id; names the subject. */
  readonly job: string;
  /** Largest payload of a chunk. @default 256 KiB or the server's max_payload, whichever is smaller, less 1 KiB for headers */
  readonly maxChunkBytes?: number;
}

/** Outcome of one broadcast. */
export interface Published {
  /** CRC-32 over the version's chunk tuples, as the step command repeats it. */
  readonly digest: number;
  /** Payload bytes, 0 where the link is down. */
  readonly bytes: number;
  /**
   * Settles when the vector may be written again: with false when the link was down at some time, so that receivers
   * fetch what they miss.
   */
  readonly sent: Promise<boolean>;
}

interface Chunk {
  readonly header: ChunkHeader;
  readonly payload: Uint8Array;
}

/** Publishes the versions of one job. A lost NATS never fails a step, since receivers fetch what they miss. */
export class ParameterPublisher {
  readonly #connection: NatsConnection;
  readonly #job: string;
  readonly #subject: string;
  readonly #maxChunkBytes: number;
  readonly #link: NatsLink;

  constructor(connection: NatsConnection, options: PublisherOptions) {
    this.#connection = connection;
    this.#job = options.job;
    this.#subject = parameterSubject(options.job);
    this.#maxChunkBytes = options.maxChunkBytes ?? chunkBytes(connection);
    this.#link = linkOf(connection);
  }

  /**
   * Sends a version. @returns once its digest is known, so that commands name it while most of it is still to be sent;
   * see {@link Published.sent}
   */
  async publish(leadershipEpoch: number, version: number, flat: Float32Array): Promise<Published> {
    const { losses, isUp: wasUp } = this.#link;
    const ranges = chunkRanges(flat.length, this.#maxChunkBytes);
    const common = { job: this.#job, leadershipEpoch, version, count: ranges.length, dtype: 'float32' } as const;
    const chunks: Chunk[] = [];
    let ahead = 0;
    for (const [chunk, { start, end }] of ranges.entries()) {
      const payload = new Uint8Array(flat.buffer, flat.byteOffset + start * 4, (end - start) * 4);
      const made = { header: { ...common, chunk, offset: start, crc32: crc32(payload) }, payload };
      chunks.push(made);
      if (end * 4 <= PUBLISH_CREDIT_BYTES) {
        this.#send(made);
        ahead++;
      } else if ((chunk - ahead) % ahead === 0) {
        // What credit allows is on its way while the rest is read for its checksums.
        await setImmediate();
      }
    }
    const sent = this.#sendRest(chunks, ahead).then(
      () => wasUp && this.#link.losses === losses,
      () => false,
    );
    const digest = versionDigest(
      chunks.map(({ header }) => header),
      crc32,
    );
    return { digest, bytes: wasUp ? flat.byteLength : 0, sent };
  }

  /** The library copies what it sends in a microtask at the latest; a large version waits until the server has it. */
  async #sendRest(chunks: readonly Chunk[], ahead: number): Promise<void> {
    if (chunks.length === 1) return;
    await this.#flush();
    let credit = PUBLISH_CREDIT_BYTES;
    for (const chunk of chunks.slice(ahead)) {
      if (credit < chunk.payload.length) {
        await this.#flush();
        credit = PUBLISH_CREDIT_BYTES;
      }
      this.#send(chunk);
      credit -= chunk.payload.length;
    }
    if (ahead < chunks.length) await this.#flush();
  }

  /** The digest of a version that is not sent, for those who fetch it. */
  digest(flat: Float32Array): number {
    const chunks = chunkRanges(flat.length, this.#maxChunkBytes).map(({ start, end }, chunk) => {
      const payload = new Uint8Array(flat.buffer, flat.byteOffset + start * 4, (end - start) * 4);
      return { chunk, offset: start, crc32: crc32(payload) };
    });
    return versionDigest(chunks, crc32);
  }

  #send({ header, payload }: Chunk): void {
    // What is published while the link is down would be dropped without an error.
    if (!this.#link.isUp) return;
    const fields = headers();
    for (const [name, value] of Object.entries(header)) fields.set(name, String(value));
    this.#connection.publish(this.#subject, payload, { headers: fields });
  }

  async #flush(): Promise<void> {
    if (!this.#link.isUp) return;
    let forget: () => void = () => {};
    const lost = new Promise<void>((resolve) => {
      forget = this.#link.onLoss(resolve);
    });
    // A flush that a reconnect throws away never settles.
    await Promise.race([this.#connection.flush().catch(() => {}), lost]);
    forget();
  }
}
