/** How large a chunk may be; publisher and receiver must agree, since the digest is over chunks. */
import type { NatsConnection } from '@nats-io/transport-node';
import { CHUNK_HEADER_BYTES, MAX_CHUNK_BYTES } from '../limits.js';

/** Payload bytes of a chunk: 256 KiB or the server's max_payload, whichever is smaller, less 1 KiB for headers. */
export function chunkBytes(connection: NatsConnection): number {
  return Math.min(MAX_CHUNK_BYTES, connection.info?.max_payload ?? MAX_CHUNK_BYTES) - CHUNK_HEADER_BYTES;
}
