/** MembershipService: join and heartbeats. */
import type * as grpc from '@grpc/grpc-js';
import { type MembershipServiceHandlers, membershipServiceDefinition, type NatsAccess } from '@lockstep/protocol';
import { type Gate, ownerOf } from '../doors/gate.js';
import { HEARTBEAT_MS } from '../limits.js';
import type { WorkerRegistry } from '../worker-registry.js';
import { answer } from './answer.js';
import { oneLine } from './words.js';

/** Adds the service to a server. */
export function addMembershipService(
  server: grpc.Server,
  options: {
    readonly registry: WorkerRegistry;
    readonly gate: Gate;
    readonly nats: { readonly servers: readonly string[]; readonly access: NatsAccess };
    readonly leadershipEpoch: number;
  },
): void {
  const { registry, gate, nats, leadershipEpoch } = options;
  const handlers: MembershipServiceHandlers = {
    Join: answer(async (request, call) => {
      oneLine(request.workerName, '--name');
      const caller = gate.caller(call);
      const owner = ownerOf(caller, request.workerName);
      await registry.claim(request, owner);
      const sessionToken = await gate.welcome(caller, request);
      const joined = registry.join(request, owner);
      return {
        ...joined,
        sessionToken,
        leadershipEpoch,
        heartbeatIntervalMs: HEARTBEAT_MS,
        nats: {
          servers: [...nats.servers],
          login: nats.access.account?.user(joined.workerId, { subscribe: [], publish: [] }) ?? null,
          tlsCa: nats.access.credentials.tls?.ca ?? '',
        },
      };
    }),
    Heartbeat: answer(async ({ workerId, incarnation, activity }, call) => {
      registry.heartbeat(workerId, incarnation, gate.caller(call), activity);
      return { leadershipEpoch };
    }),
  };
  server.addService(membershipServiceDefinition, handlers as unknown as grpc.UntypedServiceImplementation);
}
