/** ClusterService: connected workers. */
import type * as grpc from '@grpc/grpc-js';
import {
  type ClusterServiceHandlers,
  type ConnectedWorker,
  clusterServiceDefinition,
  type ListWorkersRequest__Output,
  type ListWorkersResponse,
} from '@lockstep/protocol';
import { type Principal, sees } from '../core/principal.js';
import type { Gate } from '../doors/gate.js';
import { QUIET_MS } from '../limits.js';
import type { ConnectedMember, WorkerRegistry } from '../worker-registry.js';
import type { Workforce } from '../workforce.js';
import { answer } from './answer.js';
import { pageSizeOf } from './page-size.js';

/** What the service looks at. */
export interface Cluster {
  readonly registry: Pick<WorkerRegistry, 'connected'>;
  readonly workforce: Pick<Workforce, 'holderOf'>;
}

/** Adds the service to a server. */
export function addClusterService(server: grpc.Server, { gate, ...cluster }: Cluster & { readonly gate: Gate }): void {
  const handlers: ClusterServiceHandlers = {
    ListWorkers: answer(async (request, call) => listWorkers(cluster, request, gate.caller(call))),
  };
  server.addService(clusterServiceDefinition, handlers as unknown as grpc.UntypedServiceImplementation);
}

/**
 * One page of {@link connectedWorkers}. A page token is the id that the next page begins at,
 * whether that worker is still there or not.
 * @throws LockstepError USAGE for a negative page size
 */
export function listWorkers(
  cluster: Cluster,
  { pageSize, pageToken }: Pick<ListWorkersRequest__Output, 'pageSize' | 'pageToken'>,
  caller: Principal,
): ListWorkersResponse {
  const size = pageSizeOf(pageSize);
  const rest = connectedWorkers(cluster, caller).filter(({ workerId }) => workerId >= pageToken);
  return { workers: rest.slice(0, size), nextPageToken: rest[size]?.workerId ?? '' };
}

/** The workers that may work for jobs that a caller sees, by id. */
export function connectedWorkers({ registry, workforce }: Cluster, caller: Principal): readonly ShownWorker[] {
  return registry.connected
    .filter(({ session }) => servesAny(session, caller.namespaces))
    .map((member) => shownWorker(member, workforce, caller));
}

type ShownWorker = ConnectedWorker & { readonly workerId: string };

function servesAny({ serves }: ConnectedMember['session'], namespaces: readonly string[]): boolean {
  return namespaces.some((namespace) => namespace === '*' || serves(namespace));
}

function shownWorker(
  { workerId, join, session, joinedUnixSeconds, silentMs }: ConnectedMember,
  workforce: Cluster['workforce'],
  caller: Principal,
): ShownWorker {
  const { host, pid, softwareVersion, engine } = join;
  const holder = workforce.holderOf(session);
  return {
    ...{ workerId, host, pid, softwareVersion, engine },
    replicas: session.key.replicas ?? 1,
    jobId: holder && sees(caller, holder.namespace) ? holder.id : '',
    state: silentMs > QUIET_MS ? 'silent' : holder ? 'busy' : 'free',
    joinedUnixSeconds,
    heartbeatAgeSeconds: silentMs / 1000,
  };
}
