/** ShardService: prepared data and the exported model, as files of the job. */
import type * as grpc from '@grpc/grpc-js';
import { type ShardServiceHandlers, shardServiceDefinition, toServiceError } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { ShardAccess } from '../doors/shard-access.js';
import type { CoordinatorMetrics } from '../metrics.js';
import { sendFile } from './send-pieces.js';

/** What the service works with. */
export interface ShardsServiceOptions {
  /** Path of a shard of a job. */
  readonly find: (jobId: string, shard: string) => string | undefined;
  readonly metrics: CoordinatorMetrics;
  readonly access: Pick<ShardAccess, 'check'>;
}

/** Adds the service to a server. */
export function addShardsService(server: grpc.Server, options: ShardsServiceOptions): void {
  const handlers: ShardServiceHandlers = {
    ReadShard(call) {
      sendShard(call, options).then(
        () => call.end(),
        (thrown: unknown) => call.emit('error', toServiceError(thrown)),
      );
    },
  };
  server.addService(shardServiceDefinition, handlers as unknown as grpc.UntypedServiceImplementation);
}

async function sendShard(
  call: Parameters<ShardServiceHandlers['ReadShard']>[0],
  { find, metrics, access }: ShardsServiceOptions,
): Promise<void> {
  access.check(call);
  const { jobId, shard } = call.request;
  const path = find(jobId, shard);
  if (!path) {
    const message = `Job ${JSON.stringify(jobId)} has no shard ${JSON.stringify(shard)}.`;
    throw new LockstepError('JOB_NOT_FOUND', { message, field: 'shard', value: shard });
  }
  await sendFile(path, call, (bytes) => metrics.transportBytes('grpc', 'out', bytes));
}
