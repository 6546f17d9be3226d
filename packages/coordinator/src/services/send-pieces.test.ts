import { EventEmitter } from 'node:events';
import type * as grpc from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { sendPiece } from './send-pieces.js';
import { Turns } from './turns.js';

/** A call whose peer takes one message and then nothing. */
function stuckCall(): grpc.ServerWritableStream<unknown, string> {
  const call = Object.assign(new EventEmitter(), { cancelled: false, destroyed: false, write: () => false });
  return call as unknown as grpc.ServerWritableStream<unknown, string>;
}

it('A28 a peer that takes nothing loses its place first, and its call in the end', async () => {
  const turns = new Turns(1);
  const [slow, next] = [turns.comer(), turns.comer()];
  await slow.take();
  const sent = sendPiece(stuckCall(), 'piece', { place: slow, yieldMs: 1, stalledMs: 50 });
  let hasPlace = false;
  void next.take().then(() => {
    hasPlace = true;
  });
  await expect(sent).rejects.toMatchObject({ code: 'DEADLINE', entry: { retryable: true } });
  expect(hasPlace).toBe(true);
});

it('a peer that goes on waits for a place again', async () => {
  const turns = new Turns(1);
  const [slow, next] = [turns.comer(), turns.comer()];
  await slow.take();
  const call = stuckCall();
  let isSent = false;
  const sent = sendPiece(call, 'piece', { place: slow, yieldMs: 1 }).then((more) => {
    isSent = true;
    return more;
  });
  await next.take();
  call.emit('drain');
  await new Promise((resolve) => setImmediate(resolve));
  expect(isSent).toBe(false);
  next.give();
  expect(await sent).toBe(true);
});
