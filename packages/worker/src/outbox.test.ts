import { EventEmitter } from 'node:events';
import type { TrainRequest } from '@lockstep/protocol';
import { describe, expect, it } from 'vitest';
import { isSettled } from '../../../test/support/is-settled.js';
import { Outbox } from './outbox.js';

class Stream extends EventEmitter {
  readonly written: TrainRequest[] = [];
  hasRoom = true;
  ended = false;
  readonly taken: (() => void)[] = [];
  write(message: TrainRequest, taken: () => void): boolean {
    this.written.push(message);
    this.taken.push(taken);
    return this.hasRoom;
  }
  end(): void {
    this.ended = true;
  }
}

const MESSAGE: TrainRequest = { bye: { reason: 'x' } };

describe('the outbox', () => {
  it('waits for room before the next message', async () => {
    const stream = new Stream();
    const outbox = new Outbox(stream);
    expect(await isSettled(outbox.send(MESSAGE))).toBe(true);
    stream.hasRoom = false;
    const sent = outbox.send(MESSAGE);
    expect(await isSettled(sent)).toBe(false);
    stream.emit('drain');
    expect(await isSettled(sent)).toBe(true);
  });

  it('says when all is on its way, so that what was sent may be written again', async () => {
    const stream = new Stream();
    const outbox = new Outbox(stream);
    expect(await isSettled(outbox.allTaken())).toBe(true);
    await outbox.send(MESSAGE);
    await outbox.send(MESSAGE);
    const all = outbox.allTaken();
    stream.taken[0]?.();
    expect(await isSettled(all)).toBe(false);
    stream.taken[1]?.();
    expect(await isSettled(all)).toBe(true);
  });

  it('lets a waiting sender go when the stream is lost, and writes nothing more', async () => {
    const stream = new Stream();
    stream.hasRoom = false;
    const outbox = new Outbox(stream);
    const sent = outbox.send(MESSAGE);
    outbox.close();
    expect(await isSettled(sent)).toBe(true);
    await outbox.send(MESSAGE);
    outbox.end();
    expect(stream.written).toHaveLength(1);
    expect(stream.ended).toBe(false);
  });
});
