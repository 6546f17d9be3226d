/** Attacks by what is sent to a coordinator that listens. The ids are those of docs/security.md. */
import { readdir, readFile } from 'node:fs/promises';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { fromServiceError, type JobServiceClient } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CSV, RunningCoordinator, SPEC, sha256Of } from '../testing/running-coordinator.js';

async function errorOf(call: Promise<unknown>): Promise<LockstepError> {
  const thrown = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof LockstepError) return thrown;
  throw new Error(`expected a LockstepError, got ${String(thrown)}`);
}

function streamed(client: JobServiceClient, method: 'watchJob' | 'downloadModel', jobId: string): Promise<string> {
  return new Promise((resolve) => {
    const stream = method === 'watchJob' ? client.watchJob({ jobId }) : client.downloadModel({ jobId });
    stream.on('data', () => {}).on('error', (error) => resolve(fromServiceError(error).code));
  });
}

/** What a server says to raw bytes, until it closes or a while has passed. */
function raw(address: string, text: string): Promise<string> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) }, () => socket.write(text));
    let answer = '';
    socket.setEncoding('latin1').on('data', (data) => {
      answer += data;
    });
    socket.setTimeout(500, () => socket.destroy());
    socket.on('error', () => {}).on('close', () => resolve(answer));
  });
}

describe('what is sent', () => {
  it('A2 a spec that names a command, code, environment, module or prototype is refused by the key', async () => {
    const running = await RunningCoordinator.start();
    const before = Object.getOwnPropertyNames(Object.prototype);
    for (const [text, path] of [
      ['entrypoint: rm -rf /', 'entrypoint'],
      ['run: {workers: 2, env: {LD_PRELOAD: x.so}}', 'run.env'],
      ['train: {loss: mse, callback: "() => process.exit()"}', 'train.callback'],
      ['module: os', 'module'],
      ['__proto__: {polluted: 1}', '__proto__'],
      ['constructor: {prototype: {polluted: 1}}', 'constructor'],
    ] as const) {
      const error = await errorOf(running.submit(`${SPEC.replace(/^(run|train):.*$/gm, '')}\n${text}\n`));
      expect([error.code, error.entry.status]).toEqual(['SPEC_INVALID', 'INVALID_ARGUMENT']);
      expect(error.problems.map((problem) => problem.path)).toContain(path);
    }
    await errorOf(running.submit(SPEC, { overrides: { '__proto__.polluted': '1' } }));
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('A5 no name of a job, an upload or data leads out of the store', async () => {
    const running = await RunningCoordinator.start();
    const { client, storeDirectory } = running;
    const files = async (): Promise<string[]> => (await readdir(storeDirectory, { recursive: true })).sort();
    const before = await files();
    for (const name of [
      '../../etc/passwd',
      '..\\..\\x',
      '%2e%2e%2fx',
      '%252e%252e/x',
      '/etc/passwd',
      'x\0y',
      'file:///etc/passwd',
    ]) {
      expect((await errorOf(running.call('getJob', { jobId: name }))).code).toBe('JOB_NOT_FOUND');
      expect((await errorOf(running.call('cancelJob', { jobId: name }))).code).toBe('JOB_NOT_FOUND');
      for (const method of ['watchJob', 'downloadModel'] as const)
        expect(await streamed(client, method, name)).toBe('JOB_NOT_FOUND');
      expect((await errorOf(running.call('getUpload', { sha256: name }))).code).toBe('PROTOCOL_VIOLATION');
      const data = Buffer.from('x');
      const message = { sha256: name, totalBytes: 1, offset: 0, data, fileName: name };
      expect((await errorOf(running.upload([message]))).code).toBe('PROTOCOL_VIOLATION');
      const refused = await errorOf(running.submit(SPEC, { uploads: { 'data.csv': name } }));
      expect(['PROTOCOL_VIOLATION', 'UPLOAD_NOT_FOUND']).toContain(refused.code);
    }
    const added = (await files()).filter((file) => !before.includes(file));
    expect(added).toEqual([`uploads/${sha256Of(Buffer.from(CSV))}`]);
  });

  it('A13 names of data and columns are names, whatever SQL they hold', async () => {
    const running = await RunningCoordinator.start();
    for (const path of [`read_csv('/etc/passwd')`, `x'; ATTACH '/tmp/x' AS y; --`, 'https://example.org/x.csv']) {
      const error = await errorOf(running.submit(SPEC.replace('path: data.csv', `path: ${JSON.stringify(path)}`)));
      expect(['UPLOAD_NOT_FOUND', 'SPEC_INVALID']).toContain(error.code);
    }
    const label = `y" FROM read_csv('/etc/passwd') --`;
    const { id } = await running.submit(SPEC.replace('label: y', `label: ${JSON.stringify(label)}`));
    const job = await running.ended(id);
    expect(job.failure).toMatchObject({ code: 'DATA_COLUMN_NOT_FOUND' });
    expect(JSON.stringify(job)).not.toContain('root:');
  });

  it('A16 resets and idle streams of one connection leave others their answers', async () => {
    const running = await RunningCoordinator.start();
    const session = http2.connect(`http://${running.address}`);
    session.on('error', () => {});
    onTestFinished(() => session.destroy());
    const settings = await new Promise<http2.Settings>((resolve) => session.once('remoteSettings', resolve));
    expect(settings.maxConcurrentStreams).toBe(256);
    const headers = {
      ':method': 'POST',
      ':path': '/lockstep.v1.JobService/ListJobs',
      ...{ 'content-type': 'application/grpc', te: 'trailers' },
    };
    for (let count = 0; count < 5000 && !session.destroyed; count++) {
      const stream = session.request(headers);
      stream.on('error', () => {});
      stream.close(http2.constants.NGHTTP2_CANCEL);
      if (count % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (let count = 0; count < 1000 && !session.destroyed; count++) session.request(headers).on('error', () => {});
    expect(await running.call('listJobs', {})).toMatchObject({ jobs: [] });
  });

  it('A17 nested and foreign protobuf is refused or ignored, and changes no prototype', async () => {
    const running = await RunningCoordinator.start();
    const wire = (bytes: Buffer): Promise<string> =>
      new Promise((resolve) => {
        const pass = (value: Buffer): Buffer => value;
        running.client.makeUnaryRequest('/lockstep.v1.JobService/GetJob', pass, pass, bytes, (error) =>
          resolve(error ? fromServiceError(error).code : 'OK'),
        );
      });
    // Groups in groups, which no message of ours has, a length that lies, and a map whose key is a prototype's name.
    expect(await wire(Buffer.alloc(200_000, 0x0b))).not.toBe('OK');
    expect(await wire(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]))).not.toBe('OK');
    const overrides = Object.fromEntries([['__proto__', '{polluted: 1}']]);
    await errorOf(running.submit(SPEC, { overrides }));
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(await running.call('listJobs', {})).toMatchObject({ jobs: [] });
  });

  it('A18 HTTP takes no bodies, no other methods and no odd heads, and its texts tell of no path or version', async () => {
    const { metricsAddress } = await RunningCoordinator.start();
    const host = `Host: ${metricsAddress}\r\n`;
    const chunks = `1\r\nx\r\n`.repeat(1000);
    expect(
      await raw(
        metricsAddress,
        `POST /metrics HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
      ),
    ).toMatch(/^HTTP\/1.1 405 /);
    expect(await raw(metricsAddress, `GET /metrics HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1.1 400 /);
    expect(await raw(metricsAddress, `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(100_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 431 /,
    );
    for (const path of ['/../../etc/passwd', '/store', '/%00', '/__proto__']) {
      const answer = await raw(metricsAddress, `GET ${path} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 404 [\s\S]*not found\n/);
      expect(answer).not.toMatch(/node|lockstep|packages|\/tmp/i);
    }
  });

  it('A33 what a job is called stays one line of text in logs, metrics and files', async () => {
    const running = await RunningCoordinator.start();
    const name = 'a<script>alert(1)</script>"} 1\nlockstep_fake_total 1';
    const job = await running
      .submit(SPEC.replace('name: small', `name: ${JSON.stringify(name)}`))
      .catch((error) => error);
    if (job instanceof LockstepError) expect(job.code).toBe('SPEC_INVALID');
    else expect(job.id).toMatch(/^[a-z0-9-]+$/);
    expect(await running.metrics()).not.toMatch(/^lockstep_fake_total|<script>/m);
    for (const id of await readdir(`${running.storeDirectory}/jobs`)) {
      expect(await readFile(`${running.storeDirectory}/jobs/${id}/record.json`, 'utf8')).not.toContain(
        '\nlockstep_fake',
      );
    }
  });
});
