/** Writes to the Train stream one after another and waits when the stream says that it is full. */
import type { TrainRequest } from '@lockstep/protocol';

/** The part of a gRPC stream that is written to. */
export interface MessageWriter {
  write(message: TrainRequest): boolean;
  once(event: 'drain', listener: () => void): unknown;
  end(): unknown;
}

/** Messages to the coordinator over one stream. */
export class Outbox {
  readonly #stream: MessageWriter;
  readonly #closed: Promise<void>;
  #isClosed = false;
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
    if (this.#isClosed || this.#stream.write(message)) return;
    await Promise.race([new Promise<void>((resolve) => this.#stream.once('drain', resolve)), this.#closed]);
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
