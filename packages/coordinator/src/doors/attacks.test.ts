/** Attacks on the doors of a coordinator that listens. The ids are those of docs/security.md. */
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import http2 from 'node:http2';
import { request as tlsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import * as grpc from '@grpc/grpc-js';
import {
  type AccessOptions,
  channelOptions,
  clientCredentials,
  fromServiceError,
  type JobServiceClient,
  type JoinResponse__Output,
  type ListJobsResponse__Output,
  LockstepError,
  MembershipServiceClient,
  readAccess,
  ShardServiceClient,
  unary,
} from '@lockstep/protocol';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type CertificateFiles, TestAuthority } from '../../../../test/support/certificates.js';
import { PERMISSIONS, type Role } from '../core/principal.js';
import { jobsClient, RunningCoordinator, type RunningOptions, SPEC } from '../testing/running-coordinator.js';
import { drawToken, type KeptToken, readTokens, writeTokens } from './token-file.js';

const NOW = Date.now() / 1000;

type TokenName = Role | 'expired' | 'once';

interface Locked {
  readonly coordinator: RunningCoordinator;
  readonly authority: TestAuthority;
  readonly tokens: Readonly<Record<TokenName, string>>;
  readonly ids: Readonly<Record<TokenName, string>>;
  readonly tokensPath: string;
  readonly server: CertificateFiles;
  /** What a client with a token needs. */
  with(token: string): AccessOptions;
}

type LockedOptions = Pick<RunningOptions, 'logger' | 'security' | 'sharing'>;

/** A coordinator with TLS, a CA of clients and a token of each role. */
async function locked({ logger, security = {}, sharing = {} }: LockedOptions = {}): Promise<Locked> {
  const authority = await TestAuthority.make();
  const server = await authority.server();
  const roles = { expired: 'admin', once: 'worker' } as const;
  const drawn = (name: TokenName): { readonly text: string; readonly kept: KeptToken } =>
    drawToken({
      ...{ name, role: name === 'expired' || name === 'once' ? roles[name] : name, namespaces: ['default'] },
      once: name === 'once',
      ...{ createdUnixSeconds: NOW, expiresUnixSeconds: NOW + (name === 'expired' ? -1 : 3600) },
    });
  const all = (['admin', 'submitter', 'viewer', 'worker', 'expired', 'once'] as const).map(
    (name) => [name, drawn(name)] as const,
  );
  const tokensPath = join(authority.folder, 'tokens.json');
  await writeFile(tokensPath, writeTokens(all.map(([, { kept }]) => kept)));
  const coordinator = await RunningCoordinator.start({
    security: { tls: { ...server, ca: authority.ca }, tokensPath, ...security },
    sharing,
    ...(logger ? { logger } : {}),
  });
  const tokens = Object.fromEntries(all.map(([name, { text }]) => [name, text])) as Locked['tokens'];
  const ids = Object.fromEntries(all.map(([name, { kept }]) => [name, kept.id])) as Locked['ids'];
  return {
    coordinator,
    authority,
    server,
    tokens,
    ids,
    tokensPath,
    with: (token) => ({ tls: { ca: authority.ca }, token }),
  };
}

async function clientOf({ coordinator }: Locked, options: AccessOptions): Promise<JobServiceClient> {
  const client = await jobsClient(coordinator.address, options);
  onTestFinished(() => client.close());
  return client;
}

/** What a call ends with; null where it is let in. */
async function errorOf(client: grpc.Client, method: string, message: object): Promise<LockstepError | null> {
  return unary(client, method, message, { deadlineMs: 3000 }).then(() => null, LockstepError.from);
}

async function codeOf(client: grpc.Client, method: string, message: object): Promise<string> {
  return (await errorOf(client, method, message))?.code ?? 'OK';
}

/** Code that a call of any method by its path ends with, whatever its messages are. */
function codeOfPath(client: grpc.Client, path: string, token?: string): Promise<string> {
  const metadata = new grpc.Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  return new Promise((resolve) => {
    const pass = (value: Buffer): Buffer => value;
    const call = client.makeBidiStreamRequest(path, pass, pass, metadata, { deadline: Date.now() + 3000 });
    call.on('data', () => {});
    call.on('error', (error: grpc.ServiceError) => resolve(fromServiceError(error).code));
    call.on('end', () => resolve('OK'));
    call.write(Buffer.alloc(0));
    call.end();
  });
}

/** Answer of an HTTP route. */
function get(
  address: string,
  path: string,
  options: { readonly headers?: Record<string, string>; readonly ca?: string; readonly files?: CertificateFiles } = {},
): Promise<number> {
  const { headers = {}, ca } = options;
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const dial = ca === undefined ? request : tlsRequest;
    dial({ host, port, path, headers, ...(ca === undefined ? {} : { ca }) }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    })
      .once('error', reject)
      .end();
  });
}

describe('the doors', () => {
  it('A1 no token, garbage and an expired token open no method and no route', async () => {
    const here = await locked();
    const { coordinator, authority, tokens } = here;
    const client = await clientOf(here, { tls: { ca: authority.ca } });
    for (const [path, permission] of Object.entries(PERMISSIONS)) {
      if (permission === 'anybody') continue;
      for (const token of [undefined, 'garbage', tokens.expired]) {
        const code = await codeOfPath(client, path, token);
        expect(code, `${path} with ${token}`).toBe('UNAUTHENTICATED');
      }
    }
    const { ca } = (await readAccess(coordinator.address, here.with(''))).tls?.contents ?? {};
    const tls = { ca: String(ca) };
    for (const authorization of ['', 'Bearer garbage', `Bearer ${tokens.expired}`, `Basic ${tokens.admin}`]) {
      expect(await get(coordinator.metricsAddress, '/metrics', { ...tls, headers: { authorization } })).toBe(401);
    }
    expect(await get(coordinator.metricsAddress, '/metrics', tls)).toBe(401);
    expect(await get(coordinator.metricsAddress, '/healthz', tls)).toBe(200);
    const authorization = `Bearer ${tokens.viewer}`;
    expect(await get(coordinator.metricsAddress, '/metrics', { ...tls, headers: { authorization } })).toBe(200);
  });

  it('A1 a listener that other machines reach does not start without TLS and a check of who calls', async () => {
    const authority = await TestAuthority.make();
    const server = await authority.server();
    for (const [security, lacks] of [
      [{}, /lacks TLS .* and a check/],
      [{ tls: server }, /lacks a check of who calls/],
      [{ tokensPath: join(authority.folder, 'tokens.json') }, /lacks TLS/],
    ] as const) {
      await expect(RunningCoordinator.start({ host: '0.0.0.0', security })).rejects.toMatchObject({
        code: 'LISTENER_UNPROTECTED',
        message: expect.stringMatching(lacks),
        fix: expect.stringContaining('--tls-cert'),
      });
    }
    const open = await RunningCoordinator.start({ host: '0.0.0.0', security: { insecure: true } });
    expect(await get(open.metricsAddress.replace('0.0.0.0', '127.0.0.1'), '/healthz')).toBe(200);
  });

  it('A1 every method that is served stands in the table of permissions', async () => {
    const added = vi.spyOn(grpc.Server.prototype, 'addService');
    onTestFinished(() => added.mockRestore());
    await locked();
    const served = added.mock.calls.flatMap(([definition]) => Object.values(definition).map(({ path }) => path));
    expect(served.length).toBeGreaterThan(15);
    expect(served.filter((path) => !(path in PERMISSIONS))).toEqual([]);
  });

  it('A3 a page of another site gets nothing: by a name turned to this address, or from its own origin', async () => {
    const { metricsAddress } = await RunningCoordinator.start();
    expect(await get(metricsAddress, '/metrics')).toBe(200);
    expect(await get(metricsAddress, '/metrics', { headers: { host: 'localhost:9090' } })).toBe(200);
    for (const headers of [
      { host: 'attacker.example' },
      { host: '127.0.0.1.attacker.example:80' },
      { origin: 'http://attacker.example' },
      { origin: 'null' },
    ]) {
      expect(await get(metricsAddress, '/metrics', { headers }), JSON.stringify(headers)).toBe(403);
      expect(await get(metricsAddress, '/healthz', { headers }), JSON.stringify(headers)).toBe(403);
    }
  });

  it('A20 another CA, an expired certificate, a name that is not ours and TLS 1.1 open nothing', async () => {
    const here = await locked();
    const { coordinator, authority } = here;
    const stranger = await TestAuthority.make();
    const yesterday = new Date(Date.now() - 2 * 86_400_000);
    const own = await authority.client('lockstep://viewer/alice');
    const list = async (files: CertificateFiles | null): Promise<string> =>
      codeOf(await clientOf(here, { tls: { ca: authority.ca, ...files } }), 'listJobs', {});
    expect(await list(own)).toBe('OK');
    expect(await list(null)).toBe('UNAUTHENTICATED');
    expect(await list(await stranger.client('lockstep://admin/mallory'))).toBe('SERVER_UNREACHABLE');
    expect(await list(await authority.client('lockstep://admin/late', yesterday))).toBe('SERVER_UNREACHABLE');
    expect(await list(await authority.client('https://admin/mallory'))).toBe('UNAUTHENTICATED');
    expect(await list(await authority.client('lockstep://admin/../mallory'))).toBe('UNAUTHENTICATED');
    const [host, port] = coordinator.address.split(':');
    const old = await new Promise<string>((resolve) => {
      const versions = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' } as const;
      const socket = connect({
        host,
        port: Number(port),
        ...versions,
        rejectUnauthorized: false,
        ciphers: 'ALL:@SECLEVEL=0',
      });
      socket.once('secureConnect', () => resolve('connected'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
    expect(old).not.toBe('connected');
  });

  it('A20 a worker with a good certificate may call nothing of jobs, and nobody else what workers call', async () => {
    const here = await locked();
    const { coordinator, authority } = here;
    const tls = { ca: authority.ca, ...(await authority.client('lockstep://worker/gpu-1')) };
    const worker = await clientOf(here, { tls });
    for (const [path, permission] of Object.entries(PERMISSIONS)) {
      if (!path.startsWith('/lockstep.v1.JobService/')) continue;
      expect(permission).not.toContain('worker');
      expect(await codeOfPath(worker, path), path).toBe('PERMISSION_DENIED');
    }
    const access = await readAccess(coordinator.address, here.with(here.tokens.admin));
    const membership = new MembershipServiceClient(
      coordinator.address,
      clientCredentials(access),
      channelOptions(access),
    );
    onTestFinished(() => membership.close());
    expect(await codeOf(membership, 'join', { workerName: 'gpu-1' })).toBe('PERMISSION_DENIED');
  });

  it('A23 a viewer submits, cancels and uploads nothing', async () => {
    const here = await locked();
    const viewer = await clientOf(here, here.with(here.tokens.viewer));
    expect(await codeOf(viewer, 'listJobs', {})).toBe('OK');
    expect(await codeOf(viewer, 'submitJob', { spec: 'name: x' })).toBe('PERMISSION_DENIED');
    expect(await codeOf(viewer, 'cancelJob', { jobId: 'x' })).toBe('PERMISSION_DENIED');
    expect(await codeOfPath(viewer, '/lockstep.v1.JobService/UploadData', here.tokens.viewer)).toBe(
      'PERMISSION_DENIED',
    );
  });

  it('A23 a job of another namespace is as if it were not there: for reading, watching, cancelling and downloading', async () => {
    const here = await locked();
    const { coordinator, authority } = here;
    const identity = async (uri: string): Promise<JobServiceClient> =>
      clientOf(here, { tls: { ca: authority.ca, ...(await authority.client(uri)) } });
    const alice = await identity('lockstep://submitter/vision/alice');
    const bob = await identity('lockstep://submitter/bob');
    const admin = await identity('lockstep://admin/root');
    const job = await coordinator.submit(SPEC, { requestId: 'one' }, alice);
    expect(job.namespace).toBe('vision');
    const jobId = job.id;
    const missing = await errorOf(bob, 'getJob', { jobId: 'no-such-job' });
    for (const method of ['getJob', 'cancelJob']) {
      const error = await errorOf(bob, method, { jobId });
      expect(error).toMatchObject({ code: 'JOB_NOT_FOUND', message: missing?.message.replace('no-such-job', jobId) });
    }
    for (const method of ['watchJob', 'downloadModel'] as const) {
      const stream = method === 'watchJob' ? bob.watchJob({ jobId }) : bob.downloadModel({ jobId });
      const error = await new Promise<Error>((resolve) => stream.on('error', resolve).on('data', () => {}));
      expect(fromServiceError(error).code).toBe('JOB_NOT_FOUND');
    }
    const listed = async (client: JobServiceClient): Promise<readonly string[]> =>
      (await unary<object, ListJobsResponse__Output>(client, 'listJobs', {}, { deadlineMs: 3000 })).jobs.map(
        ({ id }) => id,
      );
    expect([await listed(alice), await listed(bob), await listed(admin)]).toEqual([[jobId], [], [jobId]]);
    // The same request id is another request there, and tells nothing of the first.
    const other = await coordinator.submit(SPEC, { requestId: 'one' }, bob);
    expect(other).toMatchObject({ namespace: 'default' });
    expect(other.id).not.toBe(jobId);
    const foreign = { spec: SPEC, uploads: {}, namespace: 'vision' };
    expect(await codeOf(bob, 'submitJob', foreign)).toBe('PERMISSION_DENIED');
    expect(await codeOf(admin, 'cancelJob', { jobId })).toBe('OK');
  });

  it('A28 a worker joins under its own name alone, and speaks for no other', async () => {
    const here = await locked();
    const { coordinator, authority } = here;
    const worker = async (uri: string): Promise<MembershipServiceClient> => {
      const tls = { ca: authority.ca, ...(await authority.client(uri)) };
      const access = await readAccess(coordinator.address, { tls });
      const client = new MembershipServiceClient(
        coordinator.address,
        clientCredentials(access),
        channelOptions(access),
      );
      onTestFinished(() => client.close());
      return client;
    };
    const [one, two] = [await worker('lockstep://worker/gpu-1'), await worker('lockstep://worker/gpu-2')];
    const join = (workerName: string): object => ({ workerName, processNonce: workerName });
    expect(await codeOf(two, 'join', join('gpu-1'))).toBe('PERMISSION_DENIED');
    expect(await codeOf(one, 'join', join(''))).toBe('PERMISSION_DENIED');
    expect(await codeOf(one, 'join', join('gpu-1.a'))).toBe('OK');
    const deadline = { deadlineMs: 3000 };
    const { workerId, incarnation } = await unary<object, JoinResponse__Output>(one, 'join', join('gpu-1'), deadline);
    expect(await codeOf(two, 'heartbeat', { workerId, incarnation })).toBe('PERMISSION_DENIED');
    expect(await codeOf(one, 'heartbeat', { workerId, incarnation })).toBe('OK');
    const access = await readAccess(coordinator.address, {
      tls: { ca: authority.ca, ...(await authority.client('lockstep://worker/gpu-1')) },
    });
    const shards = new ShardServiceClient(coordinator.address, clientCredentials(access), channelOptions(access));
    onTestFinished(() => shards.close());
    const job = await coordinator.submit(SPEC, {}, await clientOf(here, here.with(here.tokens.submitter)));
    const request = { jobId: job.id, shard: 'train-0', workerId, incarnation };
    const error = await new Promise<Error>((resolve) =>
      shards
        .readShard(request)
        .on('error', resolve)
        .on('data', () => {}),
    );
    expect(fromServiceError(error)).toMatchObject({ code: 'PERMISSION_DENIED', field: 'job_id' });
  });

  it('A28 a token for a single join is good for one process and one join, also after a restart', async () => {
    const here = await locked();
    const { coordinator, authority, tokens } = here;
    const security = { tls: { ...(await authority.server()), ca: authority.ca }, tokensPath: here.tokensPath };
    const member = async (token: string, { address }: RunningCoordinator): Promise<MembershipServiceClient> => {
      const access = await readAccess(address, here.with(token));
      const client = new MembershipServiceClient(address, clientCredentials(access), channelOptions(access));
      onTestFinished(() => client.close());
      return client;
    };
    const join = { workerName: 'once', processNonce: 'a' };
    const jobs = await clientOf(here, here.with(tokens.once));
    expect(await codeOf(jobs, 'listJobs', {})).toBe('PERMISSION_DENIED');
    const first = await member(tokens.once, coordinator);
    expect(await codeOf(first, 'heartbeat', { workerId: 'once', incarnation: 1 })).toBe('PERMISSION_DENIED');
    const deadline = { deadlineMs: 3000 };
    const { sessionToken } = await unary<object, JoinResponse__Output>(first, 'join', join, deadline);
    expect(await codeOf(first, 'join', join)).toBe('OK');
    expect(await codeOf(first, 'join', { ...join, processNonce: 'b' })).toBe('UNAUTHENTICATED');
    expect(await codeOf(first, 'join', { ...join, workerName: 'second' })).toBe('UNAUTHENTICATED');
    await coordinator.stop();
    const next = await RunningCoordinator.start({ storeDirectory: coordinator.storeDirectory, security });
    expect(await codeOf(await member(tokens.once, next), 'join', { ...join, processNonce: 'b' })).toBe(
      'UNAUTHENTICATED',
    );
    const again = await member(sessionToken, next);
    expect(await codeOf(again, 'join', { workerName: 'other', processNonce: 'c' })).toBe('PERMISSION_DENIED');
    expect(await codeOf(again, 'join', join)).toBe('OK');
    expect(await codeOf(await clientOf({ ...here, coordinator: next }, here.with(sessionToken)), 'listJobs', {})).toBe(
      'PERMISSION_DENIED',
    );
  });

  it('A22 no token, key or hash of one stands in a log, an error, metrics or what is kept of a job', async () => {
    const lines: string[] = [];
    const logger = pino({ level: 'trace' }, { write: (line) => lines.push(line) });
    const here = await locked({ logger });
    const { coordinator, tokens } = here;
    const submitter = await clientOf(here, here.with(tokens.submitter));
    const job = await coordinator.submit(SPEC, {}, submitter);
    const garbage = await clientOf(here, here.with('lkt_garbage'));
    const errors = [
      await errorOf(garbage, 'listJobs', {}),
      await errorOf(submitter, 'submitJob', { spec: 'name: x', namespace: 'vision' }),
      await errorOf(await clientOf(here, here.with(tokens.viewer)), 'cancelJob', { jobId: job.id }),
    ].map((error) => JSON.stringify(error));
    await coordinator.stop();
    const files = await readdir(coordinator.storeDirectory, { recursive: true, withFileTypes: true });
    const kept = files
      .filter((file) => file.isFile())
      .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'));
    const told = [...lines, ...errors, ...kept].join('\n');
    expect(told).toContain(job.id);
    const key = readFileSync(here.server.key, 'utf8').split('\n')[1] ?? '';
    const hashes = (await readTokens(here.tokensPath)).map(({ sha256 }) => sha256);
    for (const secret of [...Object.values(tokens), 'lkt_garbage', key, ...hashes]) expect(told).not.toContain(secret);
  });

  it('A23 who has done what, and who has tried, is told line by line and without secrets', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-audit-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const auditPath = join(folder, 'audit.jsonl');
    const here = await locked({ security: { auditPath } });
    const submitter = await clientOf(here, here.with(here.tokens.submitter));
    const job = await here.coordinator.submit(SPEC, {}, submitter);
    await codeOf(await clientOf(here, here.with(here.tokens.viewer)), 'cancelJob', { jobId: job.id });
    await codeOf(await clientOf(here, here.with('garbage')), 'getJob', { jobId: 'x\n{"who":"token:admin"}' });
    const lines = (await readFile(auditPath, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    const [id, viewer] = ['submitter', 'viewer'].map((name) => here.ids[name as Role]);
    expect(lines).toMatchObject([
      { who: `token:${id}`, role: 'submitter', what: '/lockstep.v1.JobService/UploadData', outcome: 'allowed' },
      { who: `token:${id}`, what: '/lockstep.v1.JobService/SubmitJob', on: job.id, outcome: 'allowed', status: 'OK' },
      {
        who: `token:${viewer}`,
        what: '/lockstep.v1.JobService/CancelJob',
        outcome: 'denied',
        status: 'PERMISSION_DENIED',
      },
      { who: null, what: '/lockstep.v1.JobService/GetJob', outcome: 'denied', status: 'UNAUTHENTICATED' },
    ]);
    expect((await stat(auditPath)).mode & 0o777).toBe(0o600);
  });

  it('A22 while the audit log cannot be written nothing is changed, and everything can be read', async () => {
    const here = await locked({ security: { auditPath: '/dev/full' } });
    const submitter = await clientOf(here, here.with(here.tokens.submitter));
    expect(await codeOf(submitter, 'listJobs', {})).toBe('OK');
    expect(await codeOf(submitter, 'submitJob', { spec: SPEC })).toBe('AUDIT_UNAVAILABLE');
    expect(await codeOf(submitter, 'cancelJob', { jobId: 'x' })).toBe('AUDIT_UNAVAILABLE');
    expect(await codeOf(submitter, 'deleteJob', { jobId: 'x' })).toBe('AUDIT_UNAVAILABLE');
    expect(await codeOf(submitter, 'getJob', { jobId: 'x' })).toBe('JOB_NOT_FOUND');
  });

  it('A16 a connection has the bounds of strangers until somebody was let in over it', async () => {
    const here = await locked();
    const session = http2.connect(`https://${here.coordinator.address}`, { ca: readFileSync(here.authority.ca) });
    session.on('error', () => {});
    onTestFinished(() => session.destroy());
    const streams: unknown[] = [];
    session.on('remoteSettings', ({ maxConcurrentStreams }) => streams.push(maxConcurrentStreams));
    const list = async (token: string): Promise<void> => {
      const authorization = `Bearer ${token}`;
      const head = { ':method': 'POST', ':path': '/lockstep.v1.JobService/ListJobs', te: 'trailers', authorization };
      const stream = session.request({ ...head, 'content-type': 'application/grpc' });
      stream
        .on('error', () => {})
        .resume()
        .end(Buffer.alloc(5));
      await new Promise((resolve) => stream.once('close', resolve));
    };
    await list('garbage');
    expect(streams).toEqual([16]);
    await list(here.tokens.viewer);
    await vi.waitFor(() => expect(streams).toEqual([16, 256]));
  });

  it('A23 a submitter gives its jobs no higher priority than its namespace has, and an admin any', async () => {
    const here = await locked({ sharing: { priorities: { default: 2, '*': 0 } } });
    const [submitter, admin] = [
      await clientOf(here, here.with(here.tokens.submitter)),
      await clientOf(here, here.with(here.tokens.admin)),
    ];
    const submit = (client: JobServiceClient, priority: number): Promise<string> =>
      here.coordinator.submit(SPEC, { overrides: { 'run.priority': String(priority) } }, client).then(
        () => 'OK',
        (thrown: unknown) => LockstepError.from(thrown).code,
      );
    expect([await submit(submitter, 3), await submit(submitter, 2), await submit(admin, 1000)]).toEqual([
      'PERMISSION_DENIED',
      'OK',
      'OK',
    ]);
  });
});
