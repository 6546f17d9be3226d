/** What all simulated adapters of one run share. */
import type { Disk } from './disk.ts';
import type { Endpoint } from './grpc-server.ts';
import type { Process } from './kernel.ts';
import type { Broker } from './nats.ts';
import type { Network } from './network.ts';

/** Sees every message as it is sent, from outside of the product. @returns a short word for the trace */
export interface Observer {
  toServer(path: string, message: object, from: Process): string;
  toClient(path: string, message: object, to: Process): string;
  broadcast(header: Readonly<Record<string, string>>, payload: Uint8Array): void;
}

/** The surroundings of the processes. */
export interface Environment {
  readonly network: Network;
  readonly servers: Map<string, Endpoint>;
  readonly broker: Broker;
  readonly disk: Disk;
  readonly observer: Observer;
}

let current: Environment | null = null;

/** The environment of the run in progress. */
export function environment(): Environment {
  if (!current) throw new Error('no simulation runs');
  return current;
}

/** Sets the environment of the run in progress. */
export function setEnvironment(next: Environment | null): void {
  current = next;
}
