/** ShardService: prepared data and the exported model, as files of the job. */
import type * as grpc from '@grpc/grpc-js';
import { type ShardServiceHandlers, shardServiceDefinition, toServiceError } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { CoordinatorMetrics } from '../metrics.js';
import { sendFile } from './send-pieces.js';

/** Adds the service to a server. `find` gives the path of a shard of a job. */
export function addShardsService(
  server: grpc.Server,
  {
    find,
    metrics,
  }: { readonly find: (jobId: string, shard: string) => string | undefined; readonly metrics: CoordinatorMetrics },
): void {
  const handlers: ShardServiceHandlers = {
    ReadShard(call) {
      const { jobId, shard } = call.request;
      const path = find(jobId, shard);
      if (!path) {
        const message = `Job ${JSON.stringify(jobId)} has no shard ${JSON.stringify(shard)}.`;
        call.emit(
          'error',
          toServiceError(new LockstepError('JOB_NOT_FOUND', { message, field: 'shard', value: shard })),
        );
        return;
      }
      sendFile(path, call, (bytes) => metrics.transportBytes('grpc', 'out', bytes)).then(
        () => call.end(),
        (thrown: unknown) => call.emit('error', toServiceError(thrown)),
      );
    },
  };
  server.addService(shardServiceDefinition, handlers as unknown as grpc.UntypedServiceImplementation);
}
