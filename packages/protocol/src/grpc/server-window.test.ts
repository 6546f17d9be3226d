import { readFile } from 'node:fs/promises';
import http2 from 'node:http2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TestAuthority } from '../../../../test/support/certificates.js';
import { WINDOW_BYTES } from '../limits.js';
import { createGrpcServer } from './server.js';
import { TlsFiles } from './tls-files.js';

/** What an HTTP/2 client is offered by a server. */
async function windowsOf(authority: TestAuthority | null): Promise<readonly (number | undefined)[]> {
  const names = { ca: '--ca', cert: '--cert', key: '--key' };
  const server = createGrpcServer({ tls: authority && (await TlsFiles.open(await authority.server(), names)) });
  const address = `127.0.0.1:${await server.listen('127.0.0.1', 0)}`;
  const session = authority
    ? http2.connect(`https://${address}`, { ca: await readFile(authority.ca) })
    : http2.connect(`http://${address}`);
  onTestFinished(async () => {
    session.destroy();
    await server.close(0);
  });
  const settings = await new Promise<http2.Settings>((resolve) => session.once('remoteSettings', resolve));
  // The session's window arrives as a WINDOW_UPDATE frame before the answer to this ping.
  await new Promise((resolve) => session.ping(resolve));
  return [settings.initialWindowSize, session.state.remoteWindowSize];
}

describe('the server window', () => {
  it('offers 64 MiB to each stream and to each session of a gRPC server', async () => {
    expect(await windowsOf(null)).toEqual([WINDOW_BYTES, WINDOW_BYTES]);
  });

  it('does so over TLS', async () => {
    expect(await windowsOf(await TestAuthority.make())).toEqual([WINDOW_BYTES, WINDOW_BYTES]);
  });
});
