/** ParameterService: parameters that a worker missed on the broadcast, to a few workers at once. */
import type * as grpc from '@grpc/grpc-js';
import { type ParameterServiceHandlers, parameterServiceDefinition, toServiceError } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { DATA_MESSAGE_BYTES, MAX_PARAMETER_FETCHES } from '../limits.js';
import type { CoordinatorMetrics } from '../metrics.js';
import type { ParameterVersions } from '../parameter-versions.js';
import { sendPiece } from './send-pieces.js';

type Call = Parameters<ParameterServiceHandlers['GetParameters']>[0];

/** Adds the service to a server. */
export function addParametersService(
  server: grpc.Server,
  {
    find,
    metrics,
  }: { readonly find: (jobId: string) => ParameterVersions | undefined; readonly metrics: CoordinatorMetrics },
): void {
  const waiting: (() => void)[] = [];
  let free = MAX_PARAMETER_FETCHES;
  const run = async (call: Call): Promise<void> => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      await send(call, find, metrics);
    } finally {
      // The place goes straight to the next in line, so that no newcomer can take it as well.
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
  const handlers: ParameterServiceHandlers = {
    GetParameters(call) {
      run(call).then(
        () => call.end(),
        (thrown: unknown) => call.emit('error', toServiceError(thrown)),
      );
    },
  };
  server.addService(parameterServiceDefinition, handlers as unknown as grpc.UntypedServiceImplementation);
}

async function send(
  call: Call,
  find: (jobId: string) => ParameterVersions | undefined,
  metrics: CoordinatorMetrics,
): Promise<void> {
  const { jobId, leadershipEpoch, version, ranges } = call.request;
  const versions = find(jobId);
  if (!versions || versions.leadershipEpoch !== leadershipEpoch || versions.version !== version) {
    const has = versions ? `version ${versions.version}` : 'no such job';
    throw new LockstepError('FENCED', {
      message: `Version ${version} of ${jobId} is not there (${has}).`,
      field: 'version',
      value: String(version),
    });
  }
  const flat = versions.current;
  const wanted = ranges.length > 0 ? ranges : [{ start: 0, end: flat.length }];
  for (const { start, end } of wanted) {
    if (start >= end || end > flat.length)
      throw new LockstepError('PROTOCOL_VIOLATION', { message: `There are no elements ${start} to ${end}.` });
    for (let at = start; at < end; at += DATA_MESSAGE_BYTES / 4) {
      const stop = Math.min(end, at + DATA_MESSAGE_BYTES / 4);
      // A copy: the buffer is written again as soon as the next version but one is made.
      const data = Buffer.from(new Uint8Array(flat.buffer, flat.byteOffset + at * 4, (stop - at) * 4));
      metrics.transportBytes('grpc', 'out', data.length);
      if (!(await sendPiece(call, { version, startElement: at, data }))) return;
      if (versions.version !== version)
        throw new LockstepError('FENCED', { message: `Version ${version} was replaced while it was sent.` });
    }
  }
}
