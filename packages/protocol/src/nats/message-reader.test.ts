import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_NATS_HEAD_BYTES, NATS_HEAD_BYTES } from '../limits.js';
import { MessageReader } from './message-reader.js';

const MAX_PAYLOAD_BYTES = 10_000;

interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
}

function hear(): { reader: MessageReader; heard: unknown[] } {
  const heard: unknown[] = [];
  const reader = new MessageReader(
    {
      message: (headers, payload) =>
        heard.push({ headers: Object.fromEntries(headers), payload: Uint8Array.from(payload) }),
      ping: () => heard.push('ping'),
      pong: () => heard.push('pong'),
      info: (text) => heard.push(JSON.parse(text) as object),
      error: (why) => heard.push(why),
    },
    MAX_PAYLOAD_BYTES,
  );
  return { reader, heard };
}

/** Fills what the reader asks for, no more than `most` bytes at a time. */
function feed(reader: MessageReader, bytes: Uint8Array, most: () => number): void {
  for (let start = 0; start < bytes.length; ) {
    const space = reader.space();
    expect(space.length).toBeGreaterThan(0);
    const count = Math.min(space.length, most(), bytes.length - start);
    space.set(bytes.subarray(start, start + count));
    reader.take(count);
    start += count;
  }
}

function written({ headers, payload }: Message): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = lines.length > 0 ? `NATS/1.0\r\n${lines.join('')}\r\n` : '';
  const line =
    head === ''
      ? `MSG a.b 1 ${payload.length}\r\n`
      : `HMSG a.b 1 reply.to ${head.length} ${head.length + payload.length}\r\n`;
  return Buffer.concat([Buffer.from(line + head), payload, Buffer.from('\r\n')]);
}

const message: fc.Arbitrary<Message> = fc.record({
  headers: fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.stringMatching(/^[a-z0-9]([a-z0-9 :]*[a-z0-9])?$/), {
    noNullPrototype: true,
    maxKeys: 5,
  }),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 0, max: 5000 }).map((length) => Uint8Array.from({ length }, (_, index) => index % 251)),
  ),
});

describe('a reader of NATS messages', () => {
  it('hears the same however the bytes are cut', () => {
    const item = fc.oneof(message, fc.constantFrom('ping', 'pong', 'ok', 'info'));
    fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 3000 })), (items, cuts) => {
        const { reader, heard } = hear();
        const words = { ping: 'PING\r\n', pong: 'PONG\r\n', ok: '+OK\r\n', info: 'INFO {"max_payload":1}\r\n' };
        const bytes = items.map((each) =>
          typeof each === 'string' ? Buffer.from(words[each as keyof typeof words]) : written(each),
        );
        let cut = 0;
        feed(reader, Buffer.concat(bytes), () => cuts[cut++ % cuts.length] ?? 1);
        const told = items.map((each) => (each === 'info' ? { max_payload: 1 } : each));
        expect(heard).toEqual(told.filter((each) => each !== 'ok'));
      }),
      { numRuns: 50 },
    );
  });

  it('reads a long line, such as that of a server in a large cluster, and says what an error says', () => {
    const { reader, heard } = hear();
    const info = { connect_urls: 'x'.repeat(3 * NATS_HEAD_BYTES) };
    feed(reader, Buffer.from(`INFO ${JSON.stringify(info)}\r\n-ERR 'Authorization Violation'\r\n`), () => 1000);
    expect(heard).toEqual([info, "'Authorization Violation'"]);
  });

  it('gives out one buffer for payload after payload', () => {
    const seen = new Set<ArrayBufferLike>();
    const reader = new MessageReader(
      {
        message: (_, payload) => seen.add(payload.buffer),
        info: () => {},
        ping: () => {},
        pong: () => {},
        error: () => {},
      },
      MAX_PAYLOAD_BYTES,
    );
    const payload = new Uint8Array(5000);
    for (let round = 0; round < 5; round++) feed(reader, written({ headers: { a: 'b' }, payload }), () => 4000);
    expect(seen.size).toBe(1);
  });

  it.each([
    ['another operation', 'SUB a 1\r\n'],
    ['a message without a size', 'MSG a 1 x\r\n'],
    ['headers larger than their message', 'HMSG a 1 20 10\r\n'],
    ['a message larger than the server allows', `MSG a 1 ${MAX_PAYLOAD_BYTES + 1}\r\n`],
    ['a line without an end', 'x'.repeat(MAX_NATS_HEAD_BYTES)],
  ])('refuses %s', (_, text) => {
    expect(() => feed(hear().reader, Buffer.from(text), () => 10_000)).toThrow();
  });
});
