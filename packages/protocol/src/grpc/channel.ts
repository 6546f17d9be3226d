/** How clients of every kind dial a coordinator. */
import * as grpc from '@grpc/grpc-js';
import { LockstepError } from '../errors/lockstep-error.js';
import {
  CLIENT_RECEIVE_BYTES,
  KEEPALIVE_INTERVAL_MS,
  KEEPALIVE_TIMEOUT_MS,
  READY_SLICE_MS,
  WINDOW_BYTES,
} from '../limits.js';

/** Options of a channel: wide window, keepalive, no hidden retries and no channel bookkeeping that is never freed. */
export function channelOptions(): grpc.ChannelOptions {
  return {
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

/** Credentials of a channel without TLS. */
export function clientCredentials(): grpc.ChannelCredentials {
  return grpc.credentials.createInsecure();
}

/**
 * Waits until the server answers.
 * @param signal ends the wait early
 * @throws LockstepError SERVER_UNREACHABLE when it does not within `timeoutMs`, INTERRUPTED after the signal
 */
export async function waitForReady(client: grpc.Client, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  let failure: Error | null = null;
  // In slices, since the library's wait can't be ended and holds the process.
  while (Date.now() < endMs) {
    failure = await readyBy(client, Math.min(endMs, Date.now() + READY_SLICE_MS));
    if (!failure) return;
    if (signal?.aborted) throw new LockstepError('INTERRUPTED', { message: 'Told to stop while connecting.' });
  }
  const address = client.getChannel().getTarget().replace(/^dns:/, '');
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
