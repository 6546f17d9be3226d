/** As whom a connection to NATS was made, for further ones beside it. */
import type { JwtAuth, NatsConnection, UserPass } from '@nats-io/transport-node';
import type { TlsContents } from '../grpc/tls-files.js';
import type { NatsUser } from './account.js';
import { Nkey } from './nkey.js';

/** Who connects: with a password, as a user of an account, or as nobody in particular. */
export interface Credentials {
  readonly user?: string;
  readonly password?: string;
  /** Comes before a password. */
  readonly account?: NatsUser;
  /** Speaks TLS and nothing else, with these. @default TLS where the server has it, and the CAs that Node knows */
  readonly tls?: TlsContents;
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

/** What CONNECT says of who connects. @param nonce what the server has drawn to be signed; '' where it asks for nothing */
export function loginOf({ user, password, account }: Credentials, nonce: string): JwtAuth | UserPass | undefined {
  if (!account) return user ? { user, pass: password ?? '' } : undefined;
  const key = Nkey.read('user', account.seed);
  return { jwt: account.jwt, nkey: key.id, sig: nonce ? key.sign(nonce) : '' };
}
