/** Verbs that ask a running coordinator something. */
import { LockstepClient } from '@lockstep/client';
import { serverAddress } from './server-address.js';

/** Options of every verb that asks a coordinator. */
export interface ServerOptions {
  readonly server?: string | undefined;
}

/** Connects to the coordinator of `--server` or LOCKSTEP_SERVER for one action. @throws LockstepError SERVER_UNREACHABLE */
export async function withClient<Value>(
  { server }: ServerOptions,
  act: (client: LockstepClient) => Promise<Value>,
): Promise<Value> {
  const client = await LockstepClient.connect({ address: serverAddress(server) });
  try {
    return await act(client);
  } finally {
    client.close();
  }
}
