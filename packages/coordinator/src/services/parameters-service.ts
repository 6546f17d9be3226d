/** ParameterService: parameters that a worker missed on the broadcast, and residuals of lanes; to a few workers at once. */
import type * as grpc from '@grpc/grpc-js';
import { type ParameterServiceHandlers, parameterServiceDefinition, toServiceError } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { ResidualBook } from '../core/residual-book.js';
import type { ShardAccess } from '../doors/shard-access.js';
import { DATA_MESSAGE_BYTES, MAX_FETCHES_OF_WORKER, MAX_PARAMETER_FETCHES } from '../limits.js';
import type { CoordinatorMetrics } from '../metrics.js';
import type { ParameterVersions } from '../parameter-versions.js';
import { type Stall, sendPiece } from './send-pieces.js';
import { type Place, Turns } from './turns.js';

type ParametersCall = Parameters<ParameterServiceHandlers['GetParameters']>[0];
type ResidualCall = Parameters<ParameterServiceHandlers['GetResidual']>[0];

/** What a job serves. */
export interface ServedVectors {
  readonly versions: ParameterVersions;
  /** Null where lanes have none. */
  readonly residuals: Pick<ResidualBook, 'handedOut'> | null;
}

/** What the service works with. */
export interface ParametersServiceOptions {
  readonly find: (jobId: string) => ServedVectors | undefined;
  readonly metrics: CoordinatorMetrics;
  readonly access: Pick<ShardAccess, 'check'>;
  /** How long a peer may take nothing. */
  readonly stall?: Omit<Stall, 'place'>;
}

/** Adds the service to a server. */
export function addParametersService(server: grpc.Server, options: ParametersServiceOptions): void {
  const turns = new Turns(MAX_PARAMETER_FETCHES);
  const fetching = new Map<string, number>();
  /** Answers in turn; who may not have it, or asks too often, is told without one. */
  const inTurn = async <Call extends ParametersCall | ResidualCall>(call: Call, send: Send<Call>): Promise<void> => {
    options.access.check(call);
    const { workerId } = call.request;
    const before = fetching.get(workerId) ?? 0;
    if (before >= MAX_FETCHES_OF_WORKER) {
      const message = `The worker ${workerId} fetches ${before} vectors already.`;
      throw new LockstepError('RATE_LIMITED', { message, field: 'worker_id', value: workerId });
    }
    fetching.set(workerId, before + 1);
    const place = turns.comer();
    try {
      await place.take();
      // Again: it may have waited for long.
      options.access.check(call);
      await send(call, options, place);
    } finally {
      place.give();
      const left = (fetching.get(workerId) ?? 1) - 1;
      if (left > 0) fetching.set(workerId, left);
      else fetching.delete(workerId);
    }
  };
  const handlers: ParameterServiceHandlers = {
    GetParameters: (call) => answer(call, inTurn(call, sendParameters)),
    GetResidual: (call) => answer(call, inTurn(call, sendResidual)),
  };
  server.addService(parameterServiceDefinition, handlers as unknown as grpc.UntypedServiceImplementation);
}

type Send<Call> = (call: Call, options: ParametersServiceOptions, place: Place) => Promise<void>;

function answer(call: ParametersCall | ResidualCall, sent: Promise<void>): void {
  sent.then(
    () => call.end(),
    (thrown: unknown) => call.emit('error', toServiceError(thrown)),
  );
}

async function sendParameters(
  call: ParametersCall,
  { find, metrics, stall }: ParametersServiceOptions,
  place: Place,
): Promise<void> {
  const { jobId, leadershipEpoch, version, ranges } = call.request;
  const versions = find(jobId)?.versions;
  if (!versions || versions.leadershipEpoch !== leadershipEpoch || versions.version !== version) {
    const has = versions ? `version ${versions.version}` : 'no such job';
    throw new LockstepError('FENCED', {
      message: `Version ${version} of ${jobId} is not there (${has}).`,
      field: 'version',
      value: String(version),
    });
  }
  metrics.parametersFetched();
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
      if (!(await sendPiece(call, { version, startElement: at, data }, { ...stall, place }))) return;
      if (versions.version !== version)
        throw new LockstepError('FENCED', { message: `Version ${version} was replaced while it was sent.` });
    }
  }
}

async function sendResidual(
  call: ResidualCall,
  { find, metrics, stall }: ParametersServiceOptions,
  place: Place,
): Promise<void> {
  const { jobId, leadershipEpoch, origin, lane } = call.request;
  const served = find(jobId);
  const isOurs = served?.versions.leadershipEpoch === leadershipEpoch;
  const residual = isOurs ? served.residuals?.handedOut(origin, lane) : undefined;
  if (residual === undefined) {
    throw new LockstepError('FENCED', {
      message: `The residual of lane ${lane} of ${jobId} at version ${origin} is not there.`,
      field: 'origin',
      value: String(origin),
    });
  }
  // Nobody writes to it: what comes after it is another vector.
  const bytes = residual ? Buffer.from(residual.buffer, residual.byteOffset, residual.byteLength) : Buffer.alloc(0);
  for (let at = 0; at < bytes.length; at += DATA_MESSAGE_BYTES) {
    const data = bytes.subarray(at, at + DATA_MESSAGE_BYTES);
    metrics.transportBytes('grpc', 'out', data.length);
    const startElement = at / Float32Array.BYTES_PER_ELEMENT;
    if (!(await sendPiece(call, { startElement, data }, { ...stall, place }))) return;
  }
}
