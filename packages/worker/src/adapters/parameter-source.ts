/** The parameter broadcast with GetParameters behind it. */
import type { NatsConnection, NatsUser } from '@lockstep/protocol';
import {
  fromServiceError,
  type GetParametersResponse__Output,
  type JobPlan__Output,
  ParameterReceiver,
  type ParameterServiceClient,
  type Refetch,
} from '@lockstep/protocol';
import { DEFAULT_COMMAND_TIMEOUT_MS } from '../limits.js';

/** Where parameters come from in one incarnation. */
export interface ParameterSourceOptions {
  readonly nats: NatsConnection;
  /** As whom the broadcast is heard; null as the connection. */
  readonly login: NatsUser | null;
  readonly client: ParameterServiceClient;
  readonly workerId: string;
  readonly incarnation: number;
  /** Told why NATS does not let it hear the broadcast. */
  readonly onRefusal: (why: string) => void;
  /** Told of payload bytes, for metrics. */
  readonly onBytes: (transport: 'nats' | 'grpc', bytes: number) => void;
}

/** Subscribes to a job's broadcast; what it doesn't bring is fetched. */
export function receiveParameters(
  plan: JobPlan__Output,
  elementCount: number,
  buffers: readonly [Float32Array, Float32Array],
  options: ParameterSourceOptions,
): ParameterReceiver {
  return new ParameterReceiver(options.nats, {
    job: plan.jobId,
    subject: plan.parameterSubject,
    ...(options.login ? { user: options.login } : {}),
    elementCount,
    buffers,
    refetch: refetch(plan.jobId, options),
    onRefusal: options.onRefusal,
    onBytes: (bytes) => options.onBytes('nats', bytes),
  });
}

function refetch(jobId: string, { client, workerId, incarnation, onBytes }: ParameterSourceOptions): Refetch {
  return async ({ leadershipEpoch, version }, ranges, fill) => {
    const request = { jobId, leadershipEpoch, version, ranges: [...ranges], workerId, incarnation };
    const stream = client.getParameters(request, { deadline: Date.now() + DEFAULT_COMMAND_TIMEOUT_MS });
    try {
      for await (const piece of stream as AsyncIterable<GetParametersResponse__Output>) {
        onBytes('grpc', piece.data.length);
        fill(piece.startElement, piece.data);
      }
    } catch (thrown) {
      throw fromServiceError(thrown);
    }
  };
}
