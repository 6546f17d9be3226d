/**
 * The one place that changes the HTTP/2 servers of grpc-js, which has no options for it: `http2` is wrapped before it is
 * used. The receive window is widened: HTTP/2's 64 KiB (grpc-node issue 3058) cuts a client's stream to a quarter of its
 * speed. TLS below 1.2 is refused, and so is a client whose certificate does not hold: where a certificate may be left
 * out, grpc-js takes any.
 */
import http2 from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { WINDOW_BYTES } from '../limits.js';

/** Oldest TLS that a server speaks; 1.3 is what both sides take where they can. */
export const MIN_TLS_VERSION = 'TLSv1.2';

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
  return { ...options, settings: { ...options.settings, initialWindowSize: WINDOW_BYTES } };
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
  server.on('session', (session: http2.ServerHttp2Session) => session.setLocalWindowSize(WINDOW_BYTES));
  return server;
}
