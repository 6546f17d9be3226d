/** MembershipService: join and heartbeats. */
import type * as grpc from '@grpc/grpc-js';
import { type MembershipServiceHandlers, membershipServiceDefinition } from '@lockstep/protocol';
import { HEARTBEAT_MS } from '../limits.js';
import type { WorkerRegistry } from '../worker-registry.js';
import { answer } from './answer.js';
import { oneLine } from './words.js';

/** Adds the service to a server. */
export function addMembershipService(
  server: grpc.Server,
  options: {
    readonly registry: WorkerRegistry;
    readonly natsServers: readonly string[];
    readonly leadershipEpoch: number;
  },
): void {
  const { registry, natsServers, leadershipEpoch } = options;
  const handlers: MembershipServiceHandlers = {
    Join: answer(async (request) => {
      oneLine(request.workerName, '--name');
      await registry.claim(request);
      return {
        ...registry.join(request),
        leadershipEpoch,
        heartbeatIntervalMs: HEARTBEAT_MS,
        nats: { servers: [...natsServers], user: '', password: '' },
      };
    }),
    Heartbeat: answer(async ({ workerId, incarnation }) => {
      registry.heartbeat(workerId, incarnation);
      return { leadershipEpoch };
    }),
  };
  server.addService(membershipServiceDefinition, handlers as unknown as grpc.UntypedServiceImplementation);
}
