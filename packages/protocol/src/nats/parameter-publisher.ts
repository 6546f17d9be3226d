/** Broadcasts whole versions of the parameters in chunks, paced below what the server buffers for a slow receiver. */
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
  /** Payload bytes handed to NATS. */
  readonly bytes: number;
  /**
   * Settles when the vector may be written again: with false when the link was down at some time, so that receivers
   * fetch what they miss.
   */
  readonly sent: Promise<boolean>;
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

  /** Sends a version. @returns as soon as the last chunk is on its way; see {@link Published.sent} */
  async publish(leadershipEpoch: number, version: number, flat: Float32Array): Promise<Published> {
    const ranges = chunkRanges(flat.length, this.#maxChunkBytes);
    const { losses, isUp: wasUp } = this.#link;
    const headersOfChunks: ChunkHeader[] = [];
    let bytes = 0;
    let credit = PUBLISH_CREDIT_BYTES;
    for (const [chunk, { start, end }] of ranges.entries()) {
      const payload = new Uint8Array(flat.buffer, flat.byteOffset + start * 4, (end - start) * 4);
      const header: ChunkHeader = {
        job: this.#job,
        leadershipEpoch,
        version,
        chunk,
        count: ranges.length,
        offset: start,
        dtype: 'float32',
        crc32: crc32(payload),
      };
      headersOfChunks.push(header);
      if (credit < payload.length) {
        await this.#flush();
        credit = PUBLISH_CREDIT_BYTES;
      }
      if (this.#send(header, payload)) bytes += payload.length;
      credit -= payload.length;
    }
    const sent = this.#settle(ranges.length).then(() => wasUp && this.#link.losses === losses);
    return { digest: versionDigest(headersOfChunks, crc32), bytes, sent };
  }

  /** The library copies what it sends in a microtask at the latest; a large version waits until the server has it. */
  async #settle(chunks: number): Promise<void> {
    if (chunks > 1) await this.#flush();
  }

  /** The digest of a version that is not sent, for those who fetch it. */
  digest(flat: Float32Array): number {
    const chunks = chunkRanges(flat.length, this.#maxChunkBytes).map(({ start, end }, chunk) => {
      const payload = new Uint8Array(flat.buffer, flat.byteOffset + start * 4, (end - start) * 4);
      return { chunk, offset: start, crc32: crc32(payload) };
    });
    return versionDigest(chunks, crc32);
  }

  #send(header: ChunkHeader, payload: Uint8Array): boolean {
    // What is published while the link is down would be dropped without an error.
    if (!this.#link.isUp) return false;
    const fields = headers();
    for (const [name, value] of Object.entries(header)) fields.set(name, String(value));
    this.#connection.publish(this.#subject, payload, { headers: fields });
    return true;
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
