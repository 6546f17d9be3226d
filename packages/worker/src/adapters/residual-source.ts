/** Residuals that lanes were handed out with, over GetResidual. */
import {
  fromServiceError,
  type GetResidualResponse__Output,
  type JobPlan__Output,
  type ParameterServiceClient,
} from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { DEFAULT_COMMAND_TIMEOUT_MS, MAX_RESIDUAL_READS, RESIDUAL_RETRY_MS } from '../limits.js';
import type { ReadResidual } from '../residuals.js';

/** Where residuals come from in one incarnation. */
export interface ResidualSourceOptions {
  readonly client: ParameterServiceClient;
  readonly workerId: string;
  readonly incarnation: number;
  /** Told of payload bytes, for metrics. */
  readonly onBytes: (bytes: number) => void;
}

/** Reads residuals of a job, again where a call fails. @throws LockstepError what went wrong, PROTOCOL_VIOLATION on a gap */
export function residualSource(
  { jobId, leadershipEpoch }: Pick<JobPlan__Output, 'jobId' | 'leadershipEpoch'>,
  { client, workerId, incarnation, onBytes }: ResidualSourceOptions,
): ReadResidual {
  const read: ReadResidual = async (lane, origin, into) => {
    const request = { jobId, leadershipEpoch, origin, lane, workerId, incarnation };
    const stream = client.getResidual(request, { deadline: Date.now() + DEFAULT_COMMAND_TIMEOUT_MS });
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    let received = 0;
    try {
      for await (const { startElement, data } of stream as AsyncIterable<GetResidualResponse__Output>) {
        onBytes(data.length);
        if (startElement * 4 !== received || received + data.length > bytes.length) throw gap(lane);
        bytes.set(data, received);
        received += data.length;
      }
    } catch (thrown) {
      throw fromServiceError(thrown);
    }
    if (received !== 0 && received !== bytes.length) throw gap(lane);
  };
  return async (lane, origin, into) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await read(lane, origin, into);
      } catch (thrown) {
        const error = LockstepError.from(thrown);
        if (!error.entry.retryable || attempt >= MAX_RESIDUAL_READS) throw error;
        await new Promise((resolve) => setTimeout(resolve, RESIDUAL_RETRY_MS * attempt));
      }
    }
  };
}

function gap(lane: number): LockstepError {
  return new LockstepError('PROTOCOL_VIOLATION', { message: `The residual of lane ${lane} came with a gap.` });
}
