/** Verbs that ask a running coordinator something. */
import { type ClientOptions, LockstepClient } from '@lockstep/client';
import { type AccessFlags, accessOf } from './access.js';
import { serverAddress } from './server-address.js';

/** Options of every verb that asks a coordinator. */
export interface ServerOptions extends AccessFlags {
  readonly server?: string | undefined;
}

/**
 * Connects to the coordinator of `--server` or LOCKSTEP_SERVER for one action.
 * @throws LockstepError SERVER_UNREACHABLE, TLS_REFUSED
 */
export function withClient<Value>(
  { server, ...access }: ServerOptions,
  act: (client: LockstepClient) => Promise<Value>,
): Promise<Value> {
  return withClientOf({ address: serverAddress(server), ...accessOf(access) }, act);
}

/** Connects for one action, whatever the environment says. @throws LockstepError SERVER_UNREACHABLE, TLS_REFUSED */
export async function withClientOf<Value>(
  options: ClientOptions,
  act: (client: LockstepClient) => Promise<Value>,
): Promise<Value> {
  const client = await LockstepClient.connect(options);
  try {
    return await act(client);
  } finally {
    client.close();
  }
}
