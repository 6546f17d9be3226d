/** Attacks of callers that nobody has identified. The ids are those of docs/security.md. */
import http2 from 'node:http2';
import { connect, type Socket } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { expect, it, onTestFinished, vi } from 'vitest';
import { MAX_CONCURRENT_STREAMS, STRANGER_STREAMS, STRANGERS, WINDOW_BYTES } from '../limits.js';
import { createGrpcServer } from './server.js';
import { type StrangerBounds, Strangers } from './strangers.js';

const HEALTH = '/grpc.health.v1.Health/Check';

/** A server that knows a caller by the header `name`. @returns its port */
async function listen(bounds: Partial<StrangerBounds> = {}): Promise<number> {
  const strangers = new Strangers({ ...STRANGERS, ...bounds });
  const interceptor: grpc.ServerInterceptor = (_method, call) =>
    new grpc.ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            if (metadata.get('name').length > 0) strangers.introduce(call.getConnectionInfo());
            pass(metadata);
          },
        }),
    });
  const server = createGrpcServer({ interceptor, strangers });
  onTestFinished(() => server.close(0));
  return server.listen('127.0.0.1', 0);
}

function dial(port: number): http2.ClientHttp2Session {
  const session = http2.connect(`http://127.0.0.1:${port}`).on('error', () => {});
  onTestFinished(() => session.destroy());
  return session;
}

function call(session: http2.ClientHttp2Session, more: http2.OutgoingHttpHeaders = {}): http2.ClientHttp2Stream {
  const head = { ':method': 'POST', ':path': HEALTH, 'content-type': 'application/grpc', te: 'trailers', ...more };
  return session.request(head).on('error', () => {});
}

/** Code of the reset that a stream ends with; 0 where it ends in order. */
function endOf(stream: http2.ClientHttp2Stream): Promise<number | undefined> {
  return new Promise((resolve) => stream.resume().once('close', () => resolve(stream.rstCode)));
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

it('A16 a connection over which nobody says who it is ends after a while, and one of a known caller stays', {
  timeout: 8_000,
}, async () => {
  const port = await listen({ waitMs: 100 });
  const known = dial(port);
  const stream = call(known, { name: 'alice' });
  stream.end(Buffer.alloc(5));
  expect(await endOf(stream)).toBe(0);
  await closed(
    connect(port, '127.0.0.1')
      .on('error', () => {})
      .resume(),
  );
  const silent = dial(port);
  await new Promise((resolve) => silent.once('close', resolve));
  const again = call(known);
  again.end(Buffer.alloc(5));
  expect(await endOf(again)).toBe(0);
});

it('A16 many connections of one address push each other out, and no newcomer', { timeout: 6_000 }, async () => {
  const port = await listen({ perAddress: 2, waitMs: 60_000 });
  const first = dial(port);
  await new Promise((resolve) => first.once('remoteSettings', resolve));
  const gone = new Promise((resolve) => first.once('close', resolve));
  const sockets = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  for (const socket of sockets) onTestFinished(() => void socket.destroy());
  await gone;
  const newcomer = dial(port);
  const stream = call(newcomer, { name: 'alice' });
  stream.end(Buffer.alloc(5));
  expect(await endOf(stream)).toBe(0);
});

it('A16 a stranger has small windows and few streams; a known caller has those of everybody', async () => {
  const session = dial(await listen());
  const offered: http2.Settings[] = [];
  session.on('remoteSettings', (settings) => offered.push(settings));
  await vi.waitFor(() => expect(offered).toHaveLength(1));
  expect(offered[0]).toMatchObject({ initialWindowSize: 65_535, maxConcurrentStreams: STRANGER_STREAMS });
  call(session, { name: 'alice' }).end(Buffer.alloc(5));
  await vi.waitFor(() => expect(offered).toHaveLength(2));
  expect(offered[1]).toMatchObject({
    ...{ initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: MAX_CONCURRENT_STREAMS },
  });
});

it('A16 a request without a name is cut where it is long, or goes on and on', { timeout: 6_000 }, async () => {
  const port = await listen();
  const long = call(dial(port));
  // The head of a message of 4 MiB less a byte, which the server would wait for, and some of it.
  long.write(Buffer.concat([Buffer.from([0, 0, 0x3f, 0xff, 0xff]), Buffer.alloc(STRANGERS.bodyBytes)]));
  expect(await endOf(long)).toBe(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
  const known = call(dial(port), { name: 'alice' });
  known.end(Buffer.concat([Buffer.from([0, 0, 0, 0x40, 0]), Buffer.from([0x0a, 0xfd, 0x7f]), Buffer.alloc(0x3ffd)]));
  expect(await endOf(known)).toBe(0);
});
