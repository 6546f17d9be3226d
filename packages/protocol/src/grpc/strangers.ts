/**
 * Connections over which nobody has said yet who it is: few of an address, and for a while. A newcomer pushes out the
 * oldest instead of being turned away, so that whoever shows a token or certificate at once gets in through a flood.
 */
import type { Server, Socket } from 'node:net';
import { STRANGERS } from '../limits.js';
import { addressGroup } from '../loopback.js';

/** Bounds of them. */
export interface StrangerBounds {
  /** Connections of one address, or of one network of IPv6. */
  readonly perAddress: number;
  /** Connections of all addresses. */
  readonly all: number;
  /** Milliseconds until a connection ends over which nobody was identified. */
  readonly waitMs: number;
  /** Bytes of one request of somebody who may call without a name. */
  readonly bodyBytes: number;
}

/** The two ends of a connection, of which a socket has both. */
export interface Ends {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

interface Stranger {
  readonly socket: Socket;
  readonly address: string;
  readonly timer: NodeJS.Timeout;
  onKnown: () => void;
}

/** All strangers of the listeners of a process. */
export class Strangers {
  readonly bounds: StrangerBounds;
  /** By their ends, the oldest first. */
  readonly #strangers = new Map<string, Stranger>();

  constructor(bounds: StrangerBounds = STRANGERS) {
    this.bounds = bounds;
  }

  /** Makes every connection that a server takes from now on a stranger. */
  watch(server: Server): void {
    server.prependListener('connection', (socket) => this.#meet(socket));
  }

  /** Whether nobody was identified over a connection yet. */
  has(ends: Ends): boolean {
    return this.#strangers.has(keyOf(ends));
  }

  /** Has something done once somebody was identified over a connection; never where that has been. */
  whenKnown(ends: Ends, onKnown: () => void): void {
    const stranger = this.#strangers.get(keyOf(ends));
    if (stranger) stranger.onKnown = onKnown;
  }

  /** Somebody was identified over a connection. */
  introduce(ends: Ends): void {
    const stranger = this.#forget(keyOf(ends));
    stranger?.onKnown();
  }

  #meet(socket: Socket): void {
    const key = keyOf(socket);
    const address = addressGroup(socket.remoteAddress ?? '');
    const { perAddress, all, waitMs } = this.bounds;
    const neighbours = [...this.#strangers].filter(([, other]) => other.address === address);
    if (neighbours.length >= perAddress) this.#dismiss(neighbours[0]?.[0]);
    if (this.#strangers.size >= all) this.#dismiss(this.#strangers.keys().next().value);
    const timer = setTimeout(() => this.#dismiss(key), waitMs).unref();
    this.#strangers.set(key, { socket, address, timer, onKnown: () => {} });
    socket.once('close', () => {
      if (this.#strangers.get(key)?.socket === socket) this.#forget(key);
    });
  }

  #dismiss(key: string | undefined): void {
    if (key !== undefined) this.#forget(key)?.socket.destroy();
  }

  #forget(key: string): Stranger | undefined {
    const stranger = this.#strangers.get(key);
    clearTimeout(stranger?.timer);
    this.#strangers.delete(key);
    return stranger;
  }
}

function keyOf({ localAddress, localPort, remoteAddress, remotePort }: Ends): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
