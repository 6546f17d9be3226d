import http2 from 'node:http2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WINDOW_BYTES } from '../limits.js';
import { createGrpcServer } from './server.js';

describe('the server window', () => {
  it('offers 64 MiB to each stream and to each session of a gRPC server', async () => {
    const server = createGrpcServer();
    const port = await server.listen('127.0.0.1', 0);
    const session = http2.connect(`http://127.0.0.1:${port}`);
    onTestFinished(async () => {
      session.destroy();
      await server.close(0);
    });
    const settings = await new Promise<http2.Settings>((resolve) => session.once('remoteSettings', resolve));
    expect(settings.initialWindowSize).toBe(WINDOW_BYTES);
    // The session's window arrives as a WINDOW_UPDATE frame before the answer to this ping.
    await new Promise((resolve) => session.ping(resolve));
    expect(session.state.remoteWindowSize).toBe(WINDOW_BYTES);
  });
});
