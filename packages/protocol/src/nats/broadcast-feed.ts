/** Hears one NATS subject: over a socket of its own where it can, for the sake of large messages, else by the library. */
import { createConnection, type Socket } from 'node:net';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  MAX_NATS_PAYLOAD_BYTES,
  NATS_MAX_PINGS_OUT,
  NATS_PING_INTERVAL_MS,
  NATS_RECONNECT_JITTER_MS,
  NATS_RECONNECT_WAIT_MS,
} from '../limits.js';
import { type Credentials, credentialsOf } from './credentials.js';
import { linkOf } from './link.js';
import { MessageReader, type TakeMessage } from './message-reader.js';

/** A subscription that is kept up for as long as it is open. */
export interface BroadcastFeed {
  /** Settles once the server has the subscription, or a first attempt has failed. */
  readonly opened: Promise<void>;
  /** Whether what is published now arrives. */
  readonly isUp: boolean;
  /** Tells a listener of each loss. @returns what ends that */
  onLoss(listener: () => void): () => void;
  close(): void;
}

/** Subscribes beside a connection, at the same server and as the same user. */
export function openBroadcastFeed(connection: NatsConnection, subject: string, take: TakeMessage): BroadcastFeed {
  const credentials = credentialsOf(connection);
  const isEncrypted = connection.info?.tls_required === true || connection.info?.tls_available === true;
  if (!credentials || isEncrypted) return libraryFeed(connection, subject, take);
  return new SocketFeed(connection, credentials, subject, take);
}

function libraryFeed(connection: NatsConnection, subject: string, take: TakeMessage): BroadcastFeed {
  const link = linkOf(connection);
  const subscription = connection.subscribe(subject, {
    callback: (error, { headers, data }) => {
      if (error) return;
      take(new Map(headers?.keys().map((name) => [name, headers.get(name)])), data);
    },
  });
  return {
    opened: connection.flush().catch(() => {}),
    get isUp() {
      return link.isUp;
    },
    onLoss: (listener) => link.onLoss(listener),
    close: () => {
      if (!subscription.isClosed()) subscription.unsubscribe();
    },
  };
}

/** A feed goes with the connection that it was opened beside, which may outlive many feeds and must not hold them. */
function closeWith(connection: NatsConnection, feed: WeakRef<BroadcastFeed>): void {
  void connection.closed().then(() => feed.deref()?.close());
}

function wantsEncryption(info: string): boolean {
  const { tls_required: isRequired } = JSON.parse(info) as { readonly tls_required?: boolean };
  return isRequired === true;
}

class SocketFeed implements BroadcastFeed {
  readonly opened: Promise<void>;
  readonly #connection: NatsConnection;
  readonly #hello: string;
  readonly #take: TakeMessage;
  readonly #listeners = new Set<() => void>();
  #socket: Socket;
  #retry: NodeJS.Timeout | undefined;
  #open: () => void = () => {};
  #isUp = false;
  #isClosed = false;

  constructor(connection: NatsConnection, { user, password, name }: Credentials, subject: string, take: TakeMessage) {
    this.#connection = connection;
    const login = user ? { user, pass: password ?? '' } : {};
    const options = { verbose: false, pedantic: false, protocol: 1, headers: true, lang: 'lockstep', name, ...login };
    this.#hello = `CONNECT ${JSON.stringify(options)}\r\nSUB ${subject} 1\r\nPING\r\n`;
    this.#take = take;
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    this.#socket = this.#dial();
    closeWith(connection, new WeakRef(this));
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  onLoss(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#socket.destroy();
  }

  #dial(): Socket {
    const { hostname, port } = new URL(`nats://${this.#connection.getServer()}`);
    let pingsOut = 1;
    let isGreeted = false;
    const reader = new MessageReader(
      {
        message: this.#take,
        info: (text) => {
          if (isGreeted) return;
          isGreeted = true;
          // A server that has come to want encryption since must not be told a password in the clear.
          if (wantsEncryption(text)) socket.destroy();
          else socket.write(this.#hello);
        },
        ping: () => void socket.write('PONG\r\n'),
        pong: () => {
          pingsOut = 0;
          this.#isUp = true;
          this.#open();
        },
        error: (why) => void socket.destroy(new Error(why)),
      },
      this.#connection.info?.max_payload ?? MAX_NATS_PAYLOAD_BYTES,
    );
    const read = (count: number): boolean => {
      try {
        reader.take(count);
      } catch (thrown) {
        socket.destroy(thrown as Error);
      }
      return true;
    };
    const onread = { buffer: () => reader.space(), callback: read };
    const socket = createConnection({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), onread });
    socket.setNoDelay(true);
    const pings = setInterval(() => {
      if (pingsOut++ < NATS_MAX_PINGS_OUT) socket.write('PING\r\n');
      else socket.destroy();
    }, NATS_PING_INTERVAL_MS);
    socket.once('close', () => {
      clearInterval(pings);
      this.#lose();
    });
    // Its close follows; why it was lost helps nobody, as another attempt is made whatever it was.
    return socket.on('error', () => {});
  }

  #lose(): void {
    this.#isUp = false;
    this.#open();
    if (this.#isClosed) return;
    const waitMs = NATS_RECONNECT_WAIT_MS + Math.random() * NATS_RECONNECT_JITTER_MS;
    this.#retry = setTimeout(() => {
      this.#socket = this.#dial();
    }, waitMs);
    for (const listener of this.#listeners) listener();
  }
}
