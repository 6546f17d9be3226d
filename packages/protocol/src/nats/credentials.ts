/** As whom a connection to NATS was made, for further ones beside it. */
import type { NatsConnection } from '@nats-io/transport-node';

/** Who connects. */
export interface Credentials {
  readonly user?: string;
  readonly password?: string;
  /** Name of a connection in the server's logs. */
  readonly name: string;
}

const known = new WeakMap<NatsConnection, Credentials>();

/** Keeps what a connection was made with. */
export function keepCredentials(connection: NatsConnection, credentials: Credentials): void {
  known.set(connection, credentials);
}

/** What a connection was made with; undefined where nobody said. */
export function credentialsOf(connection: NatsConnection): Credentials | undefined {
  return known.get(connection);
}
