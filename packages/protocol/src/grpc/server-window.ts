/**
 * The one place that widens the receive window of gRPC servers. grpc-js keeps HTTP/2's 64 KiB and has no option for it
 * (grpc-node issue 3058), which cuts a client's stream to a quarter of its speed; so `http2` is wrapped before it is used.
 */
import http2 from 'node:http2';
import { WINDOW_BYTES } from '../limits.js';

let installed = false;

/** Gives every HTTP/2 server made from now on in this process a receive window of {@link WINDOW_BYTES}. */
export function installServerWindow(): void {
  if (installed) return;
  installed = true;
  const createServer = http2.createServer;
  const createSecureServer = http2.createSecureServer;
  // grpc-js passes options only, never a listener as first argument.
  http2.createServer = ((options: http2.ServerOptions) =>
    widenSessions(createServer(withWindow(options)))) as typeof http2.createServer;
  http2.createSecureServer = ((options: http2.SecureServerOptions) =>
    widenSessions(createSecureServer(withWindow(options)))) as typeof http2.createSecureServer;
}

function withWindow<Options extends http2.ServerOptions>(options: Options): Options {
  return { ...options, settings: { ...options.settings, initialWindowSize: WINDOW_BYTES } };
}

function widenSessions<Server extends http2.Http2Server | http2.Http2SecureServer>(server: Server): Server {
  server.on('session', (session: http2.ServerHttp2Session) => session.setLocalWindowSize(WINDOW_BYTES));
  return server;
}
