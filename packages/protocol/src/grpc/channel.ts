/** How clients of every kind dial a coordinator. */
import type * as grpc from '@grpc/grpc-js';
import { LockstepError } from '../errors/lockstep-error.js';
import {
  CLIENT_RECEIVE_BYTES,
  KEEPALIVE_INTERVAL_MS,
  KEEPALIVE_TIMEOUT_MS,
  READY_SLICE_MS,
  WINDOW_BYTES,
} from '../limits.js';
import { type Access, tokenInterceptor } from './access.js';
import { probeTls } from './tls-probe.js';

/** Options of a channel: wide window, keepalive, no hidden retries and no channel bookkeeping that is never freed. */
export function channelOptions(access?: Access): grpc.ClientOptions {
  return {
    ...(access ? { interceptors: [tokenInterceptor(access)] } : {}),
    'grpc-node.flow_control_window': WINDOW_BYTES,
    'grpc.max_receive_message_length': CLIENT_RECEIVE_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_time_ms': KEEPALIVE_INTERVAL_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.enable_retries': 0,
    'grpc.enable_channelz': 0,
    // Its own connection per client object: closing one never touches another.
    'grpc.use_local_subchannel_pool': 1,
    // Whoever waits for a coordinator that starts again has it within half a second.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.min_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 500,
  };
}

/** How long a wait for a server may take. */
export interface ReadyOptions {
  readonly timeoutMs: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
  /** What the client was made with, for what is said of a server that refuses it. */
  readonly access?: Access;
}

/**
 * Waits until the server answers.
 * @throws LockstepError SERVER_UNREACHABLE when it does not within `timeoutMs`, TLS_REFUSED where one side does not trust
 *   the other, INTERRUPTED after the signal
 */
export async function waitForReady(client: grpc.Client, { timeoutMs, signal, access }: ReadyOptions): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  let failure: Error | null = null;
  // In slices, since the library's wait can't be ended and holds the process.
  while (Date.now() < endMs) {
    failure = await readyBy(client, Math.min(endMs, Date.now() + READY_SLICE_MS));
    if (!failure) return;
    if (signal?.aborted) throw new LockstepError('INTERRUPTED', { message: 'Told to stop while connecting.' });
  }
  const address = client.getChannel().getTarget().replace(/^dns:/, '');
  const untrusted = await probeTls(address, access?.tls?.contents ?? null);
  if (untrusted !== null) {
    const message = `The coordinator at ${address} is there, but no trusted connection comes about: ${untrusted}.`;
    throw new LockstepError('TLS_REFUSED', { message, field: '--tls-ca', value: address, cause: failure });
  }
  throw new LockstepError('SERVER_UNREACHABLE', {
    message: `The coordinator at ${address} did not answer within ${timeoutMs / 1000} s.`,
    field: 'server',
    value: address,
    cause: failure,
  });
}

function readyBy(client: grpc.Client, deadlineMs: number): Promise<Error | null> {
  return new Promise((resolve) => {
    client.waitForReady(deadlineMs, (error) => resolve(error ?? null));
  });
}
