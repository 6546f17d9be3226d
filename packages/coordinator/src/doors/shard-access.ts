/** Which worker may read what belongs to a job: the one that works for it, while it does. */
import type * as grpc from '@grpc/grpc-js';
import { LockstepError } from '@lockstep/protocol/core';
import type { WorkerRegistry } from '../worker-registry.js';
import type { Gate } from './gate.js';

/** A request of a worker for a part of a job. */
export interface JobPart {
  readonly jobId: string;
  readonly workerId: string;
  readonly incarnation: number;
}

/** What it is decided by. */
export interface ShardAccessOptions {
  readonly gate: Pick<Gate, 'isOpen' | 'caller'>;
  readonly registry: Pick<WorkerRegistry, 'check'>;
  readonly worksFor: (workerId: string, jobId: string) => boolean;
}

/** Checks of the services that hand out shards and parameters. */
export class ShardAccess {
  readonly #options: ShardAccessOptions;

  constructor(options: ShardAccessOptions) {
    this.#options = options;
  }

  /** @throws LockstepError PERMISSION_DENIED, FENCED; of an open coordinator everybody may read everything */
  check(call: { readonly metadata: grpc.Metadata; readonly request: JobPart }): void {
    const { gate, registry, worksFor } = this.#options;
    if (gate.isOpen) return;
    const { jobId, workerId, incarnation } = call.request;
    registry.check(workerId, incarnation, gate.caller(call));
    if (worksFor(workerId, jobId)) return;
    throw new LockstepError('PERMISSION_DENIED', {
      message: `The worker ${workerId} does not work for the job ${JSON.stringify(jobId)}.`,
      ...{ field: 'job_id', value: jobId, fix: 'Read what belongs to the job that the coordinator has planned.' },
    });
  }
}
