/** Simulated NATS: a broker that passes the parameter broadcast on, and loses, doubles, delays and damages it. */
import { crc32 } from 'node:zlib';
import { LockstepError } from '@lockstep/protocol/core';
import type { NatsConnection } from '@nats-io/transport-node';
import type { NatsOptions } from '../../../packages/protocol/src/nats/connect.ts';
import { environment } from './environment.ts';
import { type Process, theWorld, type World } from './kernel.ts';
import type { Network } from './network.ts';

export { MIN_NATS_VERSION } from '../../../packages/protocol/src/nats/connect.ts';

/** How bad the broadcast is while faults are on. */
export interface BrokerOptions {
  readonly loss: number;
  readonly duplication: number;
  readonly corruption: number;
  /** Payload bytes of a chunk. */
  readonly chunkBytes: number;
}

/** Bytes that the product leaves for headers. */
const HEADER_BYTES = 1024;
/** A client notices a dead link after this: two pings of 2 s. */
const NOTICE_MS = 4_000;

interface Message {
  readonly data: Uint8Array;
  readonly headers: { get(name: string): string; keys(): string[] };
}
interface Addressed {
  readonly subject: string;
  readonly message: Message;
}
type Callback = (error: Error | null, message: Message) => void;
interface Subscriber {
  readonly subject: string;
  readonly callback: Callback;
  readonly process: Process;
  isClosed: boolean;
}

/** The broker between all processes. */
export class Broker {
  /** What each process has published of its newest version. */
  readonly #newest = new Map<Process, { version: number; chunks: Addressed[] }>();
  /** What a lost process had published of a version: it reaches also who subscribes later. */
  #late: readonly Addressed[] = [];
  readonly #world: World;
  readonly #network: Network;
  readonly #options: BrokerOptions;
  readonly #subscribers = new Set<Subscriber>();
  readonly #connections = new Set<Connection>();
  /** Whether messages suffer. */
  isFaulty = true;
  #isDown = false;

  constructor(world: World, network: Network, options: BrokerOptions) {
    this.#world = world;
    this.#network = network;
    this.#options = options;
  }

  get maxPayload(): number {
    return this.#options.chunkBytes + HEADER_BYTES;
  }

  /** Whether a host can talk to the broker now. */
  isReachable(host: string): boolean {
    return !this.#isDown && !this.#network.isCut(host, 'nats') && !this.#network.isCut('nats', host);
  }

  /** Stops the broker; connections notice at once. */
  stop(): void {
    this.#isDown = true;
    this.#world.trace('nats stops');
    for (const connection of this.#connections) connection.lose();
  }

  start(): void {
    this.#isDown = false;
    this.#world.trace('nats is back');
  }

  add(connection: Connection): void {
    this.#connections.add(connection);
  }

  remove(connection: Connection): void {
    this.#connections.delete(connection);
  }

  subscribe(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    this.#deliverLate(subscriber);
    subscriber.process.onDeath.add(() => this.#subscribers.delete(subscriber));
  }

  unsubscribe(subscriber: Subscriber): void {
    subscriber.isClosed = true;
    this.#subscribers.delete(subscriber);
  }

  publish(from: Process, subject: string, message: Message): void {
    this.#keep(from, subject, message);
    const draws = this.#world.draws('broadcast');
    if (!this.isReachable(from.host)) {
      this.#world.sometimes('broadcast lost');
      return;
    }
    for (const subscriber of this.#subscribers) {
      if (subscriber.subject !== subject || !this.isReachable(subscriber.process.host)) continue;
      const { loss, duplication, corruption } = this.#options;
      if (this.isFaulty && draws.chance(loss)) {
        this.#world.sometimes('chunk lost');
        continue;
      }
      this.#deliver(subscriber, this.isFaulty && draws.chance(corruption) ? damaged(message, draws.unit()) : message);
      if (this.isFaulty && draws.chance(duplication)) this.#deliver(subscriber, message);
    }
  }

  /** A process is lost while it publishes the next version, of other bits: some of the chunks still arrive. */
  loseWhilePublishing(process: Process): void {
    const draws = this.#world.draws('half a version');
    const newest = this.#newest.get(process);
    if (!newest || !draws.chance(0.5)) return;
    this.#world.sometimes('half a version');
    this.#late = newest.chunks
      .filter(() => draws.chance(0.5))
      .map(({ subject, message }) => ({ subject, message: nextVersion(message, newest.version + 1) }));
    for (const subscriber of this.#subscribers) this.#deliverLate(subscriber);
  }

  #deliverLate(subscriber: Subscriber): void {
    const draws = this.#world.draws('half a version');
    if (!this.isReachable(subscriber.process.host)) return;
    for (const { message } of this.#late.filter(({ subject }) => subject === subscriber.subject))
      this.#deliver(subscriber, message, draws.between(1, 20));
  }

  #keep(from: Process, subject: string, message: Message): void {
    const version = Number(message.headers.get('version'));
    const newest = this.#newest.get(from);
    if (newest?.version === version) newest.chunks.push({ subject, message });
    else this.#newest.set(from, { version, chunks: [{ subject, message }] });
  }

  #deliver(subscriber: Subscriber, message: Message, delay = this.#network.latency() + this.#network.latency()): void {
    const take = (): void => {
      if (!subscriber.isClosed) subscriber.callback(null, message);
    };
    this.#world.after(delay, 'chunk', take, subscriber.process);
  }
}

function damaged(message: Message, where: number): Message {
  const data = Uint8Array.from(message.data);
  if (data.length > 0) data[Math.floor(where * data.length)] = (data[Math.floor(where * data.length)] ?? 0) ^ 0x10;
  theWorld().sometimes('chunk damaged');
  return { ...message, data };
}

/** A chunk of a later version with other bits, and a checksum that fits them. */
function nextVersion({ data, headers }: Message, version: number): Message {
  const other = Uint8Array.from(data, (byte, index) => (index % 4 === 0 ? byte ^ 0x10 : byte));
  const changed = new Map([
    ['version', String(version)],
    ['crc32', String(crc32(other))],
  ]);
  return {
    data: other,
    headers: { get: (name) => changed.get(name) ?? headers.get(name), keys: () => headers.keys() },
  };
}

/** One process' connection. */
class Connection {
  readonly #process = theWorld().current as Process;
  readonly #broker = environment().broker;
  readonly #statuses: { type: string }[] = [];
  readonly #subscribers = new Set<Subscriber>();
  readonly info: { readonly max_payload: number; readonly version: string };
  #wake: (() => void) | null = null;
  #isConnected = true;
  #isClosed = false;
  #badSinceMs: number | null = null;

  constructor() {
    this.info = { max_payload: this.#broker.maxPayload, version: '2.14.0' };
    this.#broker.add(this);
    this.#process.onDeath.add(() => this.#broker.remove(this));
    setInterval(() => this.#look(), 500);
  }

  /** The link broke. */
  lose(): void {
    if (!this.#isConnected || this.#isClosed) return;
    this.#isConnected = false;
    theWorld().after(1, 'nats disconnect', () => this.#tell('disconnect'), this.#process);
  }

  publish(subject: string, payload: Uint8Array, { headers }: { headers: Message['headers'] }): void {
    environment().observer.broadcast(Object.fromEntries(headers.keys().map((key) => [key, headers.get(key)])), payload);
    // The library copies in a microtask at the latest.
    queueMicrotask(() => {
      if (this.#isConnected) this.#broker.publish(this.#process, subject, { data: Uint8Array.from(payload), headers });
    });
  }

  subscribe(subject: string, { callback }: { callback: Callback }): { isClosed(): boolean; unsubscribe(): void } {
    const subscriber = { subject, callback, process: this.#process, isClosed: false };
    this.#subscribers.add(subscriber);
    this.#broker.subscribe(subscriber);
    return { isClosed: () => subscriber.isClosed, unsubscribe: () => this.#broker.unsubscribe(subscriber) };
  }

  /** Settles when the broker has everything; never while the link is down. */
  async flush(): Promise<void> {
    await theWorld().sleep(2, 'flush');
    while (!this.#isClosed && !this.#broker.isReachable(this.#process.host)) await theWorld().sleep(250, 'flush');
  }

  async *status(): AsyncGenerator<{ type: string }> {
    for (;;) {
      const next = this.#statuses.shift();
      if (next) yield next;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  isClosed(): boolean {
    return this.#isClosed;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const subscriber of this.#subscribers) this.#broker.unsubscribe(subscriber);
    this.#broker.remove(this);
    this.#tell('close');
  }

  #look(): void {
    if (this.#isClosed) return;
    const { nowMs } = theWorld();
    if (this.#broker.isReachable(this.#process.host)) {
      this.#badSinceMs = null;
      if (this.#isConnected) return;
      this.#isConnected = true;
      this.#tell('reconnect');
      return;
    }
    this.#badSinceMs ??= nowMs;
    if (this.#isConnected && nowMs - this.#badSinceMs >= NOTICE_MS) this.lose();
  }

  #tell(type: string): void {
    this.#statuses.push({ type });
    this.#wake?.();
    this.#wake = null;
  }
}

/** Connects to the simulated broker. */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const { broker } = environment();
  const host = theWorld().current?.host ?? '';
  await theWorld().sleep(2, 'nats connect');
  if (!broker.isReachable(host)) {
    throw new LockstepError('NATS_UNREACHABLE', {
      message: `NATS at ${options.servers} cannot be reached.`,
      field: 'nats',
    });
  }
  return new Connection() as unknown as NatsConnection;
}
