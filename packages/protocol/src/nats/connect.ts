/** Connects to NATS with timeouts that notice a dead link in seconds, and checks the server's version. */
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { LockstepError } from '../errors/lockstep-error.js';
import {
  MIN_NATS_PAYLOAD_BYTES,
  NATS_CONNECT_TIMEOUT_MS,
  NATS_MAX_PINGS_OUT,
  NATS_PING_INTERVAL_MS,
  NATS_RECONNECT_JITTER_MS,
  NATS_RECONNECT_WAIT_MS,
} from '../limits.js';
import { type Credentials, keepCredentials } from './credentials.js';
import { linkOf } from './link.js';

/** Oldest server whose key-value compare-and-set and limits are relied on. */
export const MIN_NATS_VERSION = '2.12.7';

/** Where NATS is and how to authenticate. */
export interface NatsOptions extends Credentials {
  /** "host:port" or "nats://host:port". */
  readonly servers: readonly string[];
}

/** Connects once, then reconnects for ever. @throws LockstepError NATS_UNREACHABLE, NATS_SERVER_TOO_OLD, NATS_PAYLOAD_TOO_SMALL */
export async function connectNats(options: NatsOptions): Promise<NatsConnection> {
  const address = options.servers.join(',');
  const connection = await connect({
    servers: [...options.servers],
    name: options.name,
    ...(options.user ? { user: options.user, pass: options.password ?? '' } : {}),
    timeout: NATS_CONNECT_TIMEOUT_MS,
    pingInterval: NATS_PING_INTERVAL_MS,
    maxPingOut: NATS_MAX_PINGS_OUT,
    maxReconnectAttempts: -1,
    reconnectTimeWait: NATS_RECONNECT_WAIT_MS,
    reconnectJitter: NATS_RECONNECT_JITTER_MS,
    // Servers that a cluster gossips about may not be reachable from here.
    ignoreClusterUpdates: true,
  }).catch((cause: unknown) => {
    const message = `NATS at ${address} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`;
    throw new LockstepError('NATS_UNREACHABLE', { message, field: 'nats', value: address, cause });
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
