/** Hears one NATS subject: over a socket of its own where it can, for the sake of large messages, else by the library. */
import { createConnection, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { NatsConnection } from '@nats-io/transport-node';
import {
  MAX_NATS_PAYLOAD_BYTES,
  NATS_MAX_PINGS_OUT,
  NATS_PING_INTERVAL_MS,
  NATS_RECONNECT_JITTER_MS,
  NATS_RECONNECT_WAIT_MS,
} from '../limits.js';
import type { NatsUser } from './account.js';
import { type Credentials, credentialsOf, loginOf } from './credentials.js';
import { linkOf } from './link.js';
import { MessageReader, type ServerListener, type TakeMessage } from './message-reader.js';

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

/** How a feed is opened. */
export interface FeedOptions {
  /** As whom. @default as the connection */
  readonly user?: NatsUser | undefined;
  /** Told why the server does not let it hear, once for each reason. */
  readonly onRefusal?: ((why: string) => void) | undefined;
}

/** Subscribes beside a connection, at the same server, by TLS where the connection speaks it. */
export function openBroadcastFeed(
  connection: NatsConnection,
  subject: string,
  take: TakeMessage,
  { user, onRefusal }: FeedOptions = {},
): BroadcastFeed {
  const credentials = credentialsOf(connection);
  if (!credentials) return libraryFeed(connection, subject, take);
  const login = user ? { ...credentials, account: user } : credentials;
  return new SocketFeed(connection, login, subject, take, onRefusal);
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

/** What a server says of itself first. */
interface ServerInfo {
  /** What is to be signed by who logs in with a key. */
  readonly nonce?: string;
  readonly tls_required?: boolean;
}

class SocketFeed implements BroadcastFeed {
  readonly opened: Promise<void>;
  readonly #connection: NatsConnection;
  readonly #credentials: Credentials;
  readonly #subject: string;
  readonly #isEncrypted: boolean;
  readonly #take: TakeMessage;
  readonly #onRefusal: (why: string) => void;
  #refusal = '';
  readonly #listeners = new Set<() => void>();
  #socket: Socket;
  #retry: NodeJS.Timeout | undefined;
  #open: () => void = () => {};
  #isUp = false;
  #isClosed = false;

  constructor(
    connection: NatsConnection,
    credentials: Credentials,
    subject: string,
    take: TakeMessage,
    onRefusal: (why: string) => void = () => {},
  ) {
    const { tls_required: isRequired, tls_available: isAvailable } = connection.info ?? {};
    this.#connection = connection;
    this.#credentials = credentials;
    this.#subject = subject;
    this.#isEncrypted = credentials.tls !== undefined || isRequired === true || isAvailable === true;
    this.#take = take;
    this.#onRefusal = onRefusal;
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
    const host = hostname.replace(/^\[|\]$/g, '');
    let pingsOut = 1;
    let isGreeted = false;
    // A word before it, or in the place of a handshake, is the end of a connection.
    let hasSaidHello = false;
    // What stands before a handshake in the clear may be anybody's.
    let isTrusted = !this.#isEncrypted;
    const listener: ServerListener = {
      message: (headers, payload) => {
        if (isTrusted) this.#take(headers, payload);
      },
      info: (text) => {
        if (isGreeted) return;
        isGreeted = true;
        const info = JSON.parse(text) as ServerInfo;
        const sayHello = (): void => {
          hasSaidHello = true;
          socket.write(this.#hello(info));
        };
        if (this.#isEncrypted) encrypt(sayHello);
        // A server that has come to want encryption since must not be told a password in the clear.
        else if (info.tls_required) socket.destroy();
        else sayHello();
      },
      ping: () => void socket.write('PONG\r\n'),
      pong: () => {
        if (!isTrusted) return;
        pingsOut = 0;
        this.#isUp = true;
        this.#open();
      },
      error: (why) => {
        this.#tellRefusal(why);
        socket.destroy(new Error(why));
      },
    };
    const startReader = (): MessageReader =>
      new MessageReader(listener, this.#connection.info?.max_payload ?? MAX_NATS_PAYLOAD_BYTES);
    let reader = startReader();
    const read = (count: number): boolean => {
      try {
        reader.take(count);
      } catch (thrown) {
        socket.destroy(thrown as Error);
      }
      return true;
    };
    const readCopy = (data: Buffer): void => {
      const begun = reader;
      // What follows the word that starts a handshake is still in the clear.
      for (let start = 0; start < data.length && reader === begun; ) {
        const space = reader.space();
        const count = data.copy(space, 0, start, start + space.length);
        read(count);
        start += count;
      }
    };
    const pings = setInterval(() => {
      if (pingsOut++ >= NATS_MAX_PINGS_OUT) socket.destroy();
      else if (hasSaidHello) socket.write('PING\r\n');
    }, NATS_PING_INTERVAL_MS);
    const follow = (next: Socket): Socket =>
      next
        .setNoDelay(true)
        // Its close follows; why it was lost helps nobody, as another attempt is made whatever it was.
        .on('error', () => {})
        .once('close', () => {
          if (next !== socket) return;
          clearInterval(pings);
          this.#lose();
        });
    const encrypt = (then: () => void): void => {
      const plain = socket.removeAllListeners('data');
      reader = startReader();
      const { ca, cert, key } = this.#credentials.tls ?? {};
      const secrets = { ...(ca ? { ca } : {}), ...(cert && key ? { cert, key } : {}) };
      const name = isIP(host) ? {} : { servername: host };
      socket = connectTls({ socket: plain, host, ...name, ...secrets }, () => {
        isTrusted = true;
        then();
      });
      this.#socket = follow(socket).on('data', readCopy);
    };
    // Decrypted bytes are in memory of their own in any case.
    const onread = this.#isEncrypted ? undefined : { buffer: () => reader.space(), callback: read };
    let socket = follow(createConnection({ host, port: Number(port), ...(onread ? { onread } : {}) }));
    if (this.#isEncrypted) socket.on('data', readCopy);
    return socket;
  }

  #tellRefusal(why: string): void {
    if (why === this.#refusal) return;
    this.#refusal = why;
    this.#onRefusal(why);
  }

  #hello({ nonce = '' }: ServerInfo): string {
    const { name } = this.#credentials;
    const own = { verbose: false, pedantic: false, protocol: 1, headers: true, lang: 'lockstep', name };
    const options = { ...own, tls_required: this.#isEncrypted, ...loginOf(this.#credentials, nonce) };
    return `CONNECT ${JSON.stringify(options)}\r\nSUB ${this.#subject} 1\r\nPING\r\n`;
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
