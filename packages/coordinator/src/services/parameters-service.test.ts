/** Tests of the parameter service over real gRPC: pieces, refusals, and peers that go away. */
import {
  channelOptions,
  clientCredentials,
  createGrpcServer,
  fromServiceError,
  type GetParametersRequest,
  type GetParametersResponse__Output,
  type GetResidualResponse__Output,
  ParameterServiceClient,
} from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { MAX_FETCHES_OF_WORKER, MAX_PARAMETER_FETCHES } from '../limits.js';
import { CoordinatorMetrics } from '../metrics.js';
import { ownMemory, ParameterVersions } from '../parameter-versions.js';
import { addParametersService, type ParametersServiceOptions } from './parameters-service.js';

/** 64 MB: more than a stream takes before its peer reads. */
const LARGE = 16_000_000;

async function start(
  elementCount: number,
  options: Partial<ParametersServiceOptions> = {},
): Promise<{
  client: ParameterServiceClient;
  versions: ParameterVersions;
  fetch: (request?: GetParametersRequest) => Promise<Float32Array>;
  residual: (origin: number, lane: number) => Promise<Float32Array | null>;
}> {
  const initial = Float32Array.from({ length: elementCount }, (_, index) => index % 1000);
  const broadcast = { publish: async () => ({ digest: 1, bytes: 0, sent: Promise.resolve() }), digest: () => 1 };
  const memory = ownMemory(elementCount);
  memory.vectors[0]?.set(initial);
  const versions = new ParameterVersions({ leadershipEpoch: 1, version: 0, memory, broadcast, onBytes: () => {} });
  const residuals = {
    handedOut: (origin: number, lane: number) => (origin === 4 ? (lane === 0 ? initial : null) : undefined),
  };
  const server = createGrpcServer();
  addParametersService(server.server, {
    find: (jobId) => (jobId === 'job' ? { versions, residuals } : undefined),
    metrics: new CoordinatorMetrics('1.0.0'),
    access: { check: () => {} },
    ...options,
  });
  const port = await server.listen('127.0.0.1', 0);
  const client = new ParameterServiceClient(`127.0.0.1:${port}`, clientCredentials(), channelOptions());
  onTestFinished(async () => {
    client.close();
    await server.close(0);
  });
  const fetch = async (request: GetParametersRequest = {}): Promise<Float32Array> => {
    const flat = new Float32Array(elementCount).fill(-1);
    const stream = client.getParameters({ jobId: 'job', leadershipEpoch: 1, version: 0, ...request });
    for await (const piece of stream as AsyncIterable<GetParametersResponse__Output>) {
      flat.set(new Float32Array(new Uint8Array(piece.data).buffer), piece.startElement);
    }
    return flat;
  };
  const residual = async (origin: number, lane: number): Promise<Float32Array | null> => {
    const flat = new Float32Array(elementCount).fill(-1);
    let pieces = 0;
    const stream = client.getResidual({ jobId: 'job', leadershipEpoch: 1, origin, lane });
    for await (const piece of stream as AsyncIterable<GetResidualResponse__Output>) {
      flat.set(new Float32Array(new Uint8Array(piece.data).buffer), piece.startElement);
      pieces++;
    }
    return pieces > 0 ? flat : null;
  };
  return { client, versions, fetch, residual };
}

describe('the parameter service', () => {
  it('sends all, or the ranges asked for', async () => {
    const { fetch, versions } = await start(300_000);
    expect(await fetch()).toEqual(versions.current);
    const some = await fetch({
      ranges: [
        { start: 10, end: 12 },
        { start: 299_999, end: 300_000 },
      ],
    });
    expect(Array.from(some.subarray(9, 13))).toEqual([-1, 10, 11, -1]);
    expect(some[299_999]).toBe(999);
  });

  it('refuses versions, jobs and ranges that are not there', async () => {
    const { fetch, versions } = await start(16);
    await expect(fetch({ jobId: 'other' })).rejects.toThrow('no such job');
    await expect(fetch({ version: 1 })).rejects.toThrow('version 0');
    await expect(fetch({ leadershipEpoch: 2 })).rejects.toThrow('not there');
    await expect(fetch({ ranges: [{ start: 0, end: 17 }] })).rejects.toThrow('no elements 0 to 17');
    await expect(fetch({ ranges: [{ start: 4, end: 4 }] })).rejects.toThrow('no elements 4 to 4');
    await versions.commit();
    await expect(fetch()).rejects.toThrow('version 1');
  });

  it('gives the places of peers that went away in the middle to others', async () => {
    const { client, fetch } = await start(LARGE);
    const stuck = Array.from({ length: MAX_PARAMETER_FETCHES }, () =>
      client.getParameters({ jobId: 'job', leadershipEpoch: 1, version: 0 }),
    );
    for (const stream of stuck) stream.on('error', () => {});
    // Each has got something and reads no further.
    await Promise.all(stuck.map((stream) => new Promise((resolve) => stream.once('readable', resolve))));
    const waiting = fetch({ ranges: [{ start: 0, end: 16 }] });
    for (const stream of stuck) stream.cancel();
    expect((await waiting)[15]).toBe(15);
  });

  it('A28 gives the places of peers that read nothing to others', async () => {
    const { client, fetch } = await start(LARGE, { stall: { yieldMs: 10 } });
    const stuck = Array.from({ length: MAX_PARAMETER_FETCHES }, () =>
      client.getParameters({ jobId: 'job', leadershipEpoch: 1, version: 0 }),
    );
    for (const stream of stuck) stream.on('error', () => {});
    await Promise.all(stuck.map((stream) => new Promise((resolve) => stream.once('readable', resolve))));
    expect((await fetch({ ranges: [{ start: 0, end: 16 }] }))[15]).toBe(15);
  });

  it('A28 tells those who may not fetch, and those who fetch too much, without a turn', async () => {
    const check = (call: { request: { workerId: string } }): void => {
      if (call.request.workerId === 'stranger') throw new LockstepError('PERMISSION_DENIED');
    };
    const { client, fetch } = await start(LARGE, { access: { check }, stall: { yieldMs: 60_000 } });
    const stuck = Array.from({ length: MAX_FETCHES_OF_WORKER }, () =>
      client.getParameters({ workerId: 'greedy', jobId: 'job', leadershipEpoch: 1, version: 0 }),
    );
    for (const stream of stuck) stream.on('error', () => {});
    await new Promise((resolve) => stuck[0]?.once('readable', resolve));
    await expect(fetch({ workerId: 'stranger' }).catch(fromServiceError)).resolves.toMatchObject({
      code: 'PERMISSION_DENIED',
    });
    await expect(fetch({ workerId: 'greedy' }).catch(fromServiceError)).resolves.toMatchObject({
      code: 'RATE_LIMITED',
    });
    for (const stream of stuck) stream.cancel();
    await vi.waitFor(() => fetch({ workerId: 'greedy', ranges: [{ start: 0, end: 16 }] }), { timeout: 5_000 });
  });

  it('sends what a lane was handed out with, nothing where that is nothing, and refuses another origin', async () => {
    const { residual, versions } = await start(300_000);
    expect(await residual(4, 0)).toEqual(versions.current);
    expect(await residual(4, 1)).toBeNull();
    await expect(residual(5, 0).catch(fromServiceError)).resolves.toMatchObject({ code: 'FENCED' });
  });
});
