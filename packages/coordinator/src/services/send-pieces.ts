/** Sends files and other long answers over server streams, no faster than the peer takes them. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type * as grpc from '@grpc/grpc-js';
import { LockstepError } from '@lockstep/protocol/core';
import { DATA_MESSAGE_BYTES, STALLED_PEER_MS, YIELD_MS } from '../limits.js';
import type { Place } from './turns.js';

/** A message of a file. */
export interface FilePiece {
  readonly offset: number;
  readonly totalBytes: number;
  readonly data: Buffer;
}

/** How long a peer may take nothing. */
export interface Stall {
  /** A place that others wait for: given away after `yieldMs`, and taken again when the peer goes on. */
  readonly place?: Place;
  /** @default YIELD_MS */
  readonly yieldMs?: number;
  /** The call ends then. @default STALLED_PEER_MS */
  readonly stalledMs?: number;
}

/**
 * Writes one message and waits until there is room for the next.
 * @returns false when the peer is gone
 * @throws LockstepError DEADLINE when it takes nothing for too long
 */
export async function sendPiece<Message>(
  call: grpc.ServerWritableStream<unknown, Message>,
  message: Message,
  stall: Stall = {},
): Promise<boolean> {
  if (isGone(call)) return false;
  if (call.write(message)) return true;
  const { place, yieldMs = YIELD_MS, stalledMs = STALLED_PEER_MS } = stall;
  const yielding = place && setTimeout(() => place.give(), yieldMs);
  const hasRoom = await roomIn(call, stalledMs);
  clearTimeout(yielding);
  if (!hasRoom) {
    const message = `The peer has taken nothing for ${stalledMs / 1000} s.`;
    throw new LockstepError('DEADLINE', { message, fix: 'Read faster, or look at the network between the two.' });
  }
  if (isGone(call)) return false;
  await place?.take();
  return !isGone(call);
}

function isGone(call: grpc.ServerWritableStream<unknown, unknown>): boolean {
  return call.cancelled || call.destroyed;
}

/** @returns false where it took too long */
function roomIn(call: grpc.ServerWritableStream<unknown, unknown>, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (hasRoom: boolean): void => {
      clearTimeout(timer);
      for (const event of ENDINGS) call.off(event, done);
      resolve(hasRoom);
    };
    const done = (): void => settle(true);
    const timer = setTimeout(() => settle(false), timeoutMs);
    for (const event of ENDINGS) call.once(event, done);
  });
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
