/** Server-sent events, no faster than each browser takes them: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressGroup } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { LOCAL, type Principal } from '../core/principal.js';
import {
  EVENT_ALIVE_MS,
  EVENT_RETRY_MS,
  EVENT_TICK_MS,
  MAX_EVENT_STREAMS,
  MAX_EVENT_STREAMS_OF_CALLER,
  STALLED_PEER_MS,
  WHO_AGAIN_MS,
} from '../limits.js';
import { beginEvents } from './answers.js';

/** What is told over a stream. */
export interface Feed {
  /** Sends what there is to send while there is room; called whenever there may be. */
  readonly pump: () => void;
  /** Called every second. */
  readonly tick: () => void;
  /** Called once, when the stream is over. */
  readonly close: () => void;
}

/** An answer that goes on. */
export class EventStream {
  readonly #response: ServerResponse;
  #blockedMs: number | null = null;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Whether the next event would go out now, as far as is known. */
  get hasRoom(): boolean {
    return this.#blockedMs === null && !this.isOver;
  }

  get isOver(): boolean {
    return this.#response.writableEnded || this.#response.destroyed;
  }

  /** For how long the browser has taken nothing of what waits. */
  stalledMs(nowMs: number): number {
    return this.#blockedMs === null ? 0 : nowMs - this.#blockedMs;
  }

  /**
   * Sends one event.
   * @param data one line, as JSON has it
   * @param id what a browser that comes back says it has had last
   */
  send(event: string, data: string, id?: number): void {
    this.#write(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`);
  }

  /** Keeps proxies from taking silence for an end, and tells the page that the connection is there. */
  alive(): void {
    if (this.hasRoom) this.send('alive', '{}');
  }

  /** What waits has gone out. */
  drained(): void {
    this.#blockedMs = null;
  }

  end(): void {
    this.#response.end();
  }

  begin(): void {
    beginEvents(this.#response);
    this.#write(`retry: ${EVENT_RETRY_MS}\n\n`);
  }

  #write(text: string): void {
    if (!this.isOver && !this.#response.write(text)) this.#blockedMs ??= performance.now();
  }
}

/** Streams that are open: so many of a caller, and of all. */
export class EventStreams {
  /** Whose they are: the id of a caller, or an address where nobody is asked. */
  readonly #open = new Map<ServerResponse, string>();

  /**
   * Begins a stream.
   * @param who whose it is: everybody behind a proxy has one address
   * @param feed what is told over it
   * @param isStillLetIn asked again and again; the stream ends once it says no
   * @throws LockstepError RATE_LIMITED
   */
  open(
    { socket }: IncomingMessage,
    response: ServerResponse,
    who: Principal,
    feed: (stream: EventStream) => Feed,
    isStillLetIn: () => Promise<boolean>,
  ): void {
    if (response.destroyed) return;
    const owner = who === LOCAL ? addressGroup(socket.remoteAddress ?? '') : who.id;
    const own = [...this.#open.values()].filter((other) => other === owner).length;
    if (own >= MAX_EVENT_STREAMS_OF_CALLER || this.#open.size >= MAX_EVENT_STREAMS) {
      const message = `There are ${own} streams of events to ${owner} and ${this.#open.size} in all.`;
      throw new LockstepError('RATE_LIMITED', { message, fix: 'Close other tabs, and try again.' });
    }
    const stream = new EventStream(response);
    stream.begin();
    const { pump, tick, close } = feed(stream);
    this.#open.set(response, owner);
    let ticks = 0;
    const isDue = (everyMs: number): boolean => ticks % (everyMs / EVENT_TICK_MS) === 0;
    const timer = setInterval(() => {
      ticks++;
      // A browser that takes nothing loses its place.
      if (stream.stalledMs(performance.now()) > STALLED_PEER_MS) response.destroy();
      if (isDue(WHO_AGAIN_MS)) void isStillLetIn().then((isLetIn) => isLetIn || stream.end());
      tick();
      if (isDue(EVENT_ALIVE_MS)) stream.alive();
    }, EVENT_TICK_MS).unref();
    response.once('close', () => {
      clearInterval(timer);
      this.#open.delete(response);
      close();
    });
    response.on('drain', () => {
      stream.drained();
      pump();
    });
    pump();
  }
}
