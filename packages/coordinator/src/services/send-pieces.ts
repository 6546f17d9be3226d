/** Sends files and other long answers over server streams, no faster than the peer takes them. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type * as grpc from '@grpc/grpc-js';
import { DATA_MESSAGE_BYTES } from '../limits.js';

/** A message of a file. */
export interface FilePiece {
  readonly offset: number;
  readonly totalBytes: number;
  readonly data: Buffer;
}

/** Writes one message and waits until there is room for the next. @returns false when the peer is gone */
export async function sendPiece<Message>(
  call: grpc.ServerWritableStream<unknown, Message>,
  message: Message,
): Promise<boolean> {
  if (call.cancelled || call.destroyed) return false;
  if (call.write(message)) return true;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of ENDINGS) call.off(event, done);
      resolve();
    };
    for (const event of ENDINGS) call.once(event, done);
  });
  return !call.cancelled && !call.destroyed;
}

/** What ends a wait for room. A stream whose peer is gone never drains. */
const ENDINGS = ['drain', 'cancelled', 'error', 'close'] as const;

/** Streams a file to its end, or until the peer is gone. `onBytes` is told of each piece. */
export async function sendFile(
  path: string,
  call: grpc.ServerWritableStream<unknown, FilePiece>,
  onBytes: (bytes: number) => void = () => {},
): Promise<void> {
  const totalBytes = (await stat(path)).size;
  let offset = 0;
  for await (const piece of createReadStream(path, { highWaterMark: DATA_MESSAGE_BYTES })) {
    const data = piece as Buffer;
    onBytes(data.length);
    if (!(await sendPiece(call, { offset, totalBytes, data }))) return;
    offset += data.length;
  }
}
