/**
 * The one place that changes the HTTP/2 servers of grpc-js, which has no options for it: `http2` is wrapped before it is
 * used. The receive window is widened: HTTP/2's 64 KiB (grpc-node issue 3058) cuts a client's stream to a quarter of its
 * speed. TLS below 1.2 is refused, and so is a client whose certificate does not hold: where a certificate may be left
 * out, grpc-js takes any. Of a server with {@link Strangers}, a connection has the window, the streams and the bodies of a
 * stranger until somebody was identified over it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import http2 from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { MAX_CONCURRENT_STREAMS, STRANGER_STREAMS, WINDOW_BYTES } from '../limits.js';
import type { Strangers } from './strangers.js';

/** Oldest TLS that a server speaks; 1.3 is what both sides take where they can. */
export const MIN_TLS_VERSION = 'TLSv1.2';

/** Strangers of the server that is made within. */
const strangersOf = new AsyncLocalStorage<Strangers>();

/** Makes a server's listeners guard against strangers. @param listen calls `bindAsync`, which makes them */
export function withStrangers(strangers: Strangers | null, listen: () => void): void {
  if (strangers) strangersOf.run(strangers, listen);
  else listen();
}

let installed = false;

/** Gives every HTTP/2 server made from now on in this process the window of {@link WINDOW_BYTES} and the bounds of TLS. */
export function installServerWindow(): void {
  if (installed) return;
  installed = true;
  const createServer = http2.createServer;
  const createSecureServer = http2.createSecureServer;
  // grpc-js passes options only, never a listener as first argument.
  http2.createServer = ((options: http2.ServerOptions) =>
    widenSessions(createServer(withWindow(options)))) as typeof http2.createServer;
  http2.createSecureServer = ((options: http2.SecureServerOptions) => {
    const server = createSecureServer({ ...withWindow(options), minVersion: MIN_TLS_VERSION });
    // In this order: a session that was refused takes no window any more.
    return boundTls(widenSessions(server));
  }) as typeof http2.createSecureServer;
}

function withWindow<Options extends http2.ServerOptions>(options: Options): Options {
  const ours = strangersOf.getStore()
    ? { maxConcurrentStreams: STRANGER_STREAMS }
    : { initialWindowSize: WINDOW_BYTES };
  return { ...options, settings: { ...options.settings, ...ours } };
}

function boundTls(server: http2.Http2SecureServer): http2.Http2SecureServer {
  const setSecureContext = server.setSecureContext.bind(server);
  server.setSecureContext = (options) => setSecureContext({ ...options, minVersion: MIN_TLS_VERSION });
  server.on('session', (session) => {
    const socket = session.socket as TLSSocket;
    // Empty where the client has shown none, null where it is gone already.
    const hasCertificate = Object.keys(socket.getPeerCertificate() ?? {}).length > 0;
    if (hasCertificate && !socket.authorized) session.destroy();
  });
  return server;
}

function widenSessions<Server extends http2.Http2Server | http2.Http2SecureServer>(server: Server): Server {
  const strangers = strangersOf.getStore();
  if (!strangers) {
    server.on('session', (session: http2.ServerHttp2Session) => session.setLocalWindowSize(WINDOW_BYTES));
    return server;
  }
  strangers.watch(server);
  server.on('session', (session: http2.ServerHttp2Session) => {
    const { localAddress, localPort, remoteAddress, remotePort } = session.socket;
    const ends = { localAddress, localPort, remoteAddress, remotePort };
    strangers.whenKnown(ends, () => {
      if (session.destroyed) return;
      session.settings({ initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: MAX_CONCURRENT_STREAMS });
      session.setLocalWindowSize(WINDOW_BYTES);
    });
    session.on('stream', (stream) => boundBody(stream, strangers.bounds.bodyBytes, () => strangers.has(ends)));
  });
  return server;
}

/** Cuts a stream of a stranger that sends more than it has to. What waits for an identification is not read meanwhile. */
function boundBody(stream: http2.ServerHttp2Stream, bodyBytes: number, isStranger: () => boolean): void {
  let bytes = 0;
  stream.on('data', (data: Buffer) => {
    bytes += data.length;
    if (bytes > bodyBytes && isStranger()) stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });
}
