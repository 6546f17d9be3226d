import * as grpc from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LockstepError } from '../errors/lockstep-error.js';
import { clientCredentials } from './access.js';
import { channelOptions, waitForReady } from './channel.js';
import { JobServiceClient, jobServiceDefinition } from './definitions.js';
import { createGrpcServer, type GrpcServer } from './server.js';
import { fromServiceError, toServiceError, unary } from './status.js';

async function serve(handlers: grpc.UntypedServiceImplementation): Promise<{ server: GrpcServer; port: number }> {
  const server = createGrpcServer();
  server.server.addService(jobServiceDefinition, handlers);
  const port = await server.listen('127.0.0.1', 0);
  onTestFinished(() => server.close(0));
  return { server, port };
}

function dial(port: number): JobServiceClient {
  const client = new JobServiceClient(`127.0.0.1:${port}`, clientCredentials(), channelOptions());
  onTestFinished(() => client.close());
  return client;
}

describe('the gRPC server', () => {
  it('answers a call and carries an error of the catalogue through', async () => {
    const { port } = await serve({
      GetJob: (call: grpc.ServerUnaryCall<{ jobId: string }, object>, callback: grpc.sendUnaryData<object>) => {
        if (call.request.jobId === 'known') return callback(null, { job: { id: 'known', createdUnixSeconds: 1.5 } });
        callback(toServiceError(new LockstepError('JOB_NOT_FOUND', { field: 'jobId', value: call.request.jobId })));
      },
    });
    const client = dial(port);
    const answer = await unary<object, { job: object }>(client, 'getJob', { jobId: 'known' }, { deadlineMs: 5_000 });
    expect(answer.job).toMatchObject({ id: 'known', createdUnixSeconds: 1.5, state: 'JOB_STATE_UNSPECIFIED' });
    await expect(unary(client, 'getJob', { jobId: 'other' }, { deadlineMs: 5_000 })).rejects.toMatchObject({
      code: 'JOB_NOT_FOUND',
      value: 'other',
    });
  });

  it('names a method it does not serve', async () => {
    const { port } = await serve({});
    const client = dial(port);
    await expect(unary(client, 'listJobs', {}, { deadlineMs: 5_000 })).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringContaining('ListJobs'),
    });
    const streamed = await new Promise<Error>((resolve) => client.watchJob({ jobId: 'x' }).on('error', resolve));
    expect(fromServiceError(streamed)).toMatchObject({
      code: 'UNIMPLEMENTED',
      message: expect.stringContaining('WatchJob'),
    });
  });

  it('refuses a taken port by its own error', async () => {
    const { port } = await serve({});
    await expect(createGrpcServer().listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await expect(createGrpcServer().listen('192.0.2.1', 0)).rejects.toMatchObject({ code: 'LISTEN_FAILED' });
  });

  it('tells its health', async () => {
    const { server, port } = await serve({});
    const check = grpc.makeGenericClientConstructor(
      {
        check: {
          path: '/grpc.health.v1.Health/Check',
          requestStream: false,
          responseStream: false,
          requestSerialize: () => Buffer.alloc(0),
          requestDeserialize: () => ({}),
          responseSerialize: () => Buffer.alloc(0),
          responseDeserialize: (bytes: Buffer) => ({ status: bytes[1] }),
        },
      },
      'Health',
    );
    const client = new check(`127.0.0.1:${port}`, clientCredentials());
    onTestFinished(() => client.close());
    expect(await unary(client, 'check', {}, { deadlineMs: 5_000 })).toEqual({ status: 2 });
    server.setServing('', true);
    expect(await unary(client, 'check', {}, { deadlineMs: 5_000 })).toEqual({ status: 1 });
  });

  it('is reported as unreachable when nobody listens', async () => {
    await expect(waitForReady(dial(1), { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'SERVER_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1:1'),
    });
  });

  it('A15 refuses a message beyond its limit, also one that grows to it', async () => {
    const { port } = await serve({
      GetJob: (_call: unknown, callback: grpc.sendUnaryData<object>) => callback(null, {}),
    });
    const request = { jobId: 'x'.repeat(5 * 1024 * 1024) };
    await expect(unary(dial(port), 'getJob', request, { deadlineMs: 5_000 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
    const zipped = new JobServiceClient(`127.0.0.1:${port}`, clientCredentials(), {
      ...channelOptions(),
      'grpc.default_compression_algorithm': 2,
    });
    onTestFinished(() => zipped.close());
    await expect(unary(zipped, 'getJob', request, { deadlineMs: 5_000 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
    await expect(
      unary(zipped, 'getJob', { jobId: 'x'.repeat(1024 * 1024) }, { deadlineMs: 5_000 }),
    ).resolves.toBeDefined();
  });
});
