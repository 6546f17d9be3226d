/** Address of the coordinator for remote verbs: `--server`, else LOCKSTEP_SERVER. */
import { LockstepError } from '@lockstep/protocol/core';

const MAX_PORT = 65_535;

/** "host:port" of the coordinator. @throws LockstepError USAGE when neither is given or it has no port */
export function serverAddress(option: string | undefined): string {
  const address = option ?? process.env.LOCKSTEP_SERVER ?? '';
  const port = /^(?:\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(address)?.[1];
  if (port === undefined || Number(port) > MAX_PORT) {
    throw new LockstepError('USAGE', {
      message: address ? 'The server address is not host:port, with a port up to 65535.' : 'No coordinator is given.',
      field: '--server',
      value: address,
      fix: 'Give --server HOST:PORT or set LOCKSTEP_SERVER.',
    });
  }
  return address;
}

/** A port option. @throws LockstepError USAGE when it is not 0..65535 */
export function parsePort(option: string, name: string): number {
  const port = Number(option);
  if (!/^\d+$/.test(option) || port > MAX_PORT) {
    throw new LockstepError('USAGE', {
      message: `${name} is not a port.`,
      field: name,
      value: option,
      fix: 'Use 0 to 65535.',
    });
  }
  return port;
}
