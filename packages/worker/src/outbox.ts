/** Writes to the Train stream one after another and waits when the stream says that it is full. */
import type { TrainRequest } from '@lockstep/protocol';

/** The part of a gRPC stream that is written to. */
export interface MessageWriter {
  /** @param taken called once the message is on its way, and what it points at may be written again */
  write(message: TrainRequest, taken: () => void): boolean;
  once(event: 'drain', listener: () => void): unknown;
  end(): unknown;
}

/** Messages to the coordinator over one stream. */
export class Outbox {
  readonly #stream: MessageWriter;
  readonly #closed: Promise<void>;
  #isClosed = false;
  /** The stream takes one message after another, so the newest one stands for all. */
  #taken: Promise<void> = Promise.resolve();
  #close: () => void = () => {};

  constructor(stream: MessageWriter) {
    this.#stream = stream;
    this.#closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  /** Whether messages can still be sent. */
  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** Sends a message; settles when the stream has room for the next. Does nothing once closed. */
  async send(message: TrainRequest): Promise<void> {
    if (this.#isClosed) return;
    let hasRoom = true;
    this.#taken = new Promise((resolve) => {
      hasRoom = this.#stream.write(message, resolve);
    });
    if (hasRoom) return;
    await Promise.race([new Promise<void>((resolve) => this.#stream.once('drain', resolve)), this.#closed]);
  }

  /** Settles once all that was sent is on its way: until then a stream may hold messages, and look at them only later. */
  async allTaken(): Promise<void> {
    await Promise.race([this.#taken, this.#closed]);
  }

  /** Sends no more; whoever waits for room goes on. */
  close(): void {
    this.#isClosed = true;
    this.#close();
  }

  /** Ends our half of the stream in order. */
  end(): void {
    if (!this.#isClosed) this.#stream.end();
    this.close();
  }
}
