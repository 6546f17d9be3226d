import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as grpc from '@grpc/grpc-js';
import { expect, it, onTestFinished } from 'vitest';
import { TestAuthority } from '../../../../test/support/certificates.js';
import { Access, clientCredentials, readAccess } from './access.js';
import { channelOptions, waitForReady } from './channel.js';
import { JobServiceClient } from './definitions.js';
import { createGrpcServer, type GrpcServerOptions } from './server.js';
import { TlsFiles, type TlsOptionNames } from './tls-files.js';

const NAMES: TlsOptionNames = { ca: '--a', cert: '--b', key: '--c' };

async function listen(options: GrpcServerOptions): Promise<string> {
  const server = createGrpcServer(options);
  onTestFinished(() => server.close(0));
  server.setServing('', true);
  return `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
}

function dial(address: string, access?: Access): grpc.Client {
  const client = new JobServiceClient(address, clientCredentials(access), channelOptions(access));
  onTestFinished(() => client.close());
  return client;
}

it('a server and its clients take certificates that replace others, without a restart', async () => {
  const [first, second] = [await TestAuthority.make(), await TestAuthority.make()];
  const paths = { cert: join(first.folder, 'now.pem'), key: join(first.folder, 'now-key.pem') };
  const place = async (authority: TestAuthority): Promise<void> => {
    const { cert, key } = await authority.server();
    await copyFile(key, paths.key);
    await copyFile(cert, paths.cert);
  };
  await place(first);
  const tls = await TlsFiles.open(paths, NAMES);
  const address = await listen({ tls });
  const trusts = async ({ ca }: TestAuthority): Promise<string> => {
    const access = await readAccess(address, { tls: { ca } });
    return waitForReady(dial(address, access), { timeoutMs: 300, access }).then(
      () => 'ready',
      (error: { code: string }) => error.code,
    );
  };
  expect([await trusts(first), await trusts(second)]).toEqual(['ready', 'TLS_REFUSED']);
  await place(second);
  await tls.refresh();
  expect([await trusts(first), await trusts(second)]).toEqual(['TLS_REFUSED', 'ready']);
});

it('what was good stays in use where new files do not fit each other', async () => {
  const authority = await TestAuthority.make();
  const { cert, key } = await authority.server();
  const other = await authority.client('lockstep://viewer/a');
  const errors: string[] = [];
  const tls = await TlsFiles.open({ cert, key }, NAMES, ({ code, field }) => errors.push(`${code} ${field}`));
  const before = tls.contents.cert;
  await copyFile(other.key, key);
  await tls.refresh();
  await rm(cert);
  await tls.refresh();
  expect([errors, tls.contents.cert]).toEqual([['TLS_INVALID --c', 'TLS_INVALID --b'], before]);
});

it('files of another kind are refused by their option', async () => {
  const { ca, folder } = await TestAuthority.make();
  const text = join(folder, 'text');
  await writeFile(text, 'hello');
  for (const [paths, field] of [
    [{ ca: text }, '--a'],
    [{ ca: join(folder, 'nowhere') }, '--a'],
    [{ cert: ca, key: text }, '--c'],
    [{ cert: ca }, '--c'],
    [{ key: text }, '--b'],
  ] as const) {
    await expect(TlsFiles.open(paths, NAMES)).rejects.toMatchObject({ code: 'TLS_INVALID', field });
  }
});

it('a token goes to another machine over TLS alone', async () => {
  await expect(readAccess('train.example:7070', { token: 'secret' })).rejects.toMatchObject({
    ...{ code: 'USAGE', field: '--tls-ca', message: 'A token would go to train.example:7070 in the clear.' },
  });
  expect((await readAccess('127.0.0.1:7070', { token: 'secret' })).token).toBe('secret');
});

it('a client without TLS is told that the server speaks it', async () => {
  const authority = await TestAuthority.make();
  const address = await listen({ tls: await TlsFiles.open(await authority.server(), NAMES) });
  await expect(waitForReady(dial(address, new Access(null, '')), { timeoutMs: 300 })).rejects.toMatchObject({
    ...{ code: 'TLS_REFUSED', message: expect.stringContaining('it speaks TLS'), field: '--tls-ca' },
  });
});
