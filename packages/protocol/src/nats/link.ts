/** Whether a connection to NATS is up, now and as that changes. */
import type { NatsConnection } from '@nats-io/transport-node';

const links = new WeakMap<NatsConnection, NatsLink>();

/** The link of a connection, the same one for all who ask. Ask first while the connection is up. */
export function linkOf(connection: NatsConnection): NatsLink {
  const known = links.get(connection);
  if (known) return known;
  const link = new NatsLink(connection);
  links.set(connection, link);
  return link;
}

/** Follows one connection for as long as it lives. */
export class NatsLink {
  readonly #connection: NatsConnection;
  #isUp = true;
  #losses = 0;
  readonly #listeners = new Set<() => void>();

  /** @param connection one that is up */
  constructor(connection: NatsConnection) {
    this.#connection = connection;
    void this.#follow();
  }

  /** Whether what is published now can arrive. */
  get isUp(): boolean {
    return this.#isUp && !this.#connection.isClosed();
  }

  /** How often it was lost. */
  get losses(): number {
    return this.#losses;
  }

  /** Tells a listener of each loss. @returns what ends that */
  onLoss(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === 'reconnect') this.#isUp = true;
      if (type !== 'disconnect' && type !== 'close') continue;
      this.#isUp = false;
      this.#losses++;
      for (const listener of this.#listeners) listener();
    }
  }
}
