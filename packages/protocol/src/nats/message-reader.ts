/**
 * The reading half of the NATS client protocol over memory that is used again: a payload is read from the socket into
 * the buffer that its receiver sees, where the library copies a message that comes in parts two to three times.
 * https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
import { MAX_NATS_HEAD_BYTES, NATS_HEAD_BYTES } from '../limits.js';

/** Takes a message; both are written again once it returns. */
export type TakeMessage = (headers: ReadonlyMap<string, string>, payload: Uint8Array) => void;

/** What is heard of a server. */
export interface ServerListener {
  readonly message: TakeMessage;
  /** The server tells of itself, in JSON: as the first thing, and when something has changed. */
  readonly info: (text: string) => void;
  /** The server asks for a PONG. */
  readonly ping: () => void;
  /** The server has done all that it was told before the PING. */
  readonly pong: () => void;
  /** The server says why it will close the connection. */
  readonly error: (why: string) => void;
}

const NEWLINE = 10;
const LINE_END_BYTES = 2;

/** Reads one connection. Ask for {@link space}, fill it from its start, and tell how far with {@link take}. */
export class MessageReader {
  readonly #listener: ServerListener;
  readonly #maxPayloadBytes: number;
  /** Lines and headers that are not read yet. */
  readonly #head = Buffer.allocUnsafeSlow(MAX_NATS_HEAD_BYTES);
  #held = 0;
  /** The payload in work with the line end behind it, and what is still missing of it. */
  #payload = new Uint8Array(0);
  #size = 0;
  #missing = 0;
  #headers: ReadonlyMap<string, string> = new Map();

  constructor(listener: ServerListener, maxPayloadBytes: number) {
    this.#listener = listener;
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /** Where the next bytes belong; never empty. */
  space(): Uint8Array {
    const end = this.#size + LINE_END_BYTES;
    if (this.#missing > 0) return this.#payload.subarray(end - this.#missing, end);
    return this.#head.subarray(this.#held, this.#held < NATS_HEAD_BYTES ? NATS_HEAD_BYTES : MAX_NATS_HEAD_BYTES);
  }

  /** Reads bytes that were written to the {@link space}. @throws Error where they are not the protocol */
  take(count: number): void {
    if (this.#missing > 0) {
      this.#missing -= count;
      if (this.#missing === 0) this.#deliver();
      return;
    }
    this.#held += count;
    let start = 0;
    for (let next = this.#readLine(start); next !== null; next = this.#readLine(start)) start = next;
    this.#head.copyWithin(0, start, this.#held);
    this.#held -= start;
    if (this.#held === MAX_NATS_HEAD_BYTES) throw new Error(`a line or headers of ${this.#held} bytes`);
  }

  /** Reads a line with what belongs to it. @returns where the next one starts; null where this one is not whole */
  #readLine(start: number): number | null {
    const newline = this.#head.subarray(start, this.#held).indexOf(NEWLINE);
    if (newline < 0) return null;
    const end = start + newline + 1;
    const line = this.#head.toString('latin1', start, end - LINE_END_BYTES);
    const [operation = '', ...words] = line.split(' ');
    if (operation === 'MSG') return this.#begin(end, 0, Number(words.at(-1)));
    if (operation === 'HMSG') return this.#begin(end, Number(words.at(-2)), Number(words.at(-1)));
    if (operation === 'INFO') this.#listener.info(words.join(' '));
    else if (operation === 'PING') this.#listener.ping();
    else if (operation === 'PONG') this.#listener.pong();
    else if (operation === '-ERR') this.#listener.error(words.join(' '));
    else if (operation !== '+OK') throw new Error(`the line ${JSON.stringify(line)}`);
    return end;
  }

  #begin(start: number, headerBytes: number, totalBytes: number): number | null {
    const size = totalBytes - headerBytes;
    const isSize = Number.isSafeInteger(headerBytes) && Number.isSafeInteger(size) && headerBytes >= 0 && size >= 0;
    if (!isSize || totalBytes > this.#maxPayloadBytes) {
      throw new Error(`a message of ${totalBytes} bytes, of them ${headerBytes} in headers`);
    }
    const body = start + headerBytes;
    if (body > this.#held) return null;
    this.#headers = readHeaders(this.#head.toString('latin1', start, body));
    const end = size + LINE_END_BYTES;
    if (this.#payload.length < end) this.#payload = new Uint8Array(end);
    const here = Math.min(end, this.#held - body);
    this.#payload.set(this.#head.subarray(body, body + here));
    this.#size = size;
    this.#missing = end - here;
    if (this.#missing === 0) this.#deliver();
    return body + here;
  }

  #deliver(): void {
    this.#listener.message(this.#headers, this.#payload.subarray(0, this.#size));
  }
}

/** Headers by name: a first line with the version of the protocol, then `name: value` in each. */
function readHeaders(text: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return headers;
}
