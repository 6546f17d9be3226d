/** Connects to NATS with timeouts that notice a dead link in seconds, and checks the server's version. */
import { isIP } from 'node:net';
import { AuthorizationError, connect, type NatsConnection, type TlsOptions } from '@nats-io/transport-node';
import { LockstepError } from '../errors/lockstep-error.js';
import {
  MIN_NATS_PAYLOAD_BYTES,
  NATS_CONNECT_TIMEOUT_MS,
  NATS_MAX_PINGS_OUT,
  NATS_PING_INTERVAL_MS,
  NATS_RECONNECT_JITTER_MS,
  NATS_RECONNECT_WAIT_MS,
} from '../limits.js';
import { type Credentials, keepCredentials, loginOf } from './credentials.js';
import { linkOf } from './link.js';

/** Oldest server whose key-value compare-and-set and limits are relied on. */
export const MIN_NATS_VERSION = '2.12.7';

/** Where NATS is and how to authenticate. */
export interface NatsOptions extends Credentials {
  /** "host:port", "nats://host:port", or "tls://host:port", which speaks TLS and nothing else. */
  readonly servers: readonly string[];
}

/** Connects once, then reconnects for ever. @throws LockstepError NATS_UNREACHABLE, NATS_REFUSED, NATS_SERVER_TOO_OLD, NATS_PAYLOAD_TOO_SMALL */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const address = options.servers.join(',');
  const tls = tlsOf(options);
  const connection = await connect({
    servers: [...options.servers],
    name: options.name,
    authenticator: (nonce) => loginOf(options, nonce ?? ''),
    ...(tls ? { tls } : {}),
    // Whoever is refused for a moment, while users are changed, comes back.
    ignoreAuthErrorAbort: true,
    timeout: NATS_CONNECT_TIMEOUT_MS,
    pingInterval: NATS_PING_INTERVAL_MS,
    maxPingOut: NATS_MAX_PINGS_OUT,
    maxReconnectAttempts: -1,
    reconnectTimeWait: NATS_RECONNECT_WAIT_MS,
    reconnectJitter: NATS_RECONNECT_JITTER_MS,
    // Servers that a cluster gossips about may not be reachable from here.
    ignoreClusterUpdates: true,
  }).catch((cause: unknown) => {
    const what = isRefusal(cause) ? 'does not let us in' : 'cannot be reached';
    const message = `NATS at ${address} ${what}: ${cause instanceof Error ? cause.message : String(cause)}`;
    const code = isRefusal(cause) ? 'NATS_REFUSED' : 'NATS_UNREACHABLE';
    throw new LockstepError(code, { message, field: 'nats', value: address, cause });
  });
  const fault = faultOf(connection, address);
  if (fault) {
    await connection.close();
    throw fault;
  }
  // From the first moment, so that no loss is missed.
  linkOf(connection);
  keepCredentials(connection, options);
  return connection;
}

/** TLS with what is given; with the CAs that Node knows where an address says no more than "tls://". */
function tlsOf({ servers, tls }: NatsOptions): TlsOptions | null {
  if (!tls) return servers.some((server) => server.startsWith('tls://')) ? ipOf(servers) : null;
  const text = (pem: Buffer | undefined, name: string): object => (pem ? { [name]: pem.toString() } : {});
  return { ...ipOf(servers), ...text(tls.ca, 'ca'), ...text(tls.cert, 'cert'), ...text(tls.key, 'key') };
}

/** What a certificate is checked against where the only server is given by IP: the library asks for "localhost" there. */
function ipOf(servers: readonly string[]): TlsOptions & { readonly host?: string } {
  const hosts = new Set(servers.map((server) => hostOf(server)));
  const [host = ''] = hosts;
  return hosts.size === 1 && isIP(host) ? { host } : {};
}

function hostOf(server: string): string {
  const { hostname } = new URL(server.includes('://') ? server : `nats://${server}`);
  return hostname.replace(/^\[|\]$/g, '');
}

function isRefusal(thrown: unknown): boolean {
  return thrown instanceof AuthorizationError;
}

/** What keeps a server from being used. */
function faultOf({ info }: NatsConnection, address: string): LockstepError | null {
  const version = info?.version ?? '0.0.0';
  if (isOlder(version, MIN_NATS_VERSION)) {
    const message = `The nats-server at ${address} is ${version}; ${MIN_NATS_VERSION} or newer is needed.`;
    return new LockstepError('NATS_SERVER_TOO_OLD', { message, field: 'nats', value: version });
  }
  const payload = info?.max_payload ?? MIN_NATS_PAYLOAD_BYTES;
  if (payload < MIN_NATS_PAYLOAD_BYTES) {
    const message = `The nats-server at ${address} has max_payload ${payload}; at least ${MIN_NATS_PAYLOAD_BYTES} is needed.`;
    return new LockstepError('NATS_PAYLOAD_TOO_SMALL', { message, field: 'max_payload', value: String(payload) });
  }
  return null;
}

/** Whether version `left` comes before `right`; a pre-release counts as its release. */
export function isOlder(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => text.split(/[.-]/).slice(0, 3).map(Number)) as [number[], number[]];
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
