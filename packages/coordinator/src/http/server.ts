/** /metrics, /healthz and /readyz. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { hostOf, isLoopback, MIN_TLS_VERSION, type TlsFiles } from '@lockstep/protocol';
import { type ErrorCode, LockstepError } from '@lockstep/protocol/core';
import type { Registry } from 'prom-client';
import { METRICS_READERS, mayCall, type Principal } from '../core/principal.js';
import { denied, type Gate } from '../doors/gate.js';
import { SLOW_HEAD_MS } from '../limits.js';

/** A listening HTTP server. */
export interface HttpServer {
  /** "host:port". */
  readonly address: string;
  close(): Promise<void>;
}

/** What is served, and to whom. */
export interface HttpServerOptions {
  readonly registry: Registry;
  readonly isReady: () => boolean;
  readonly gate: Gate;
}

/** Listens. @throws LockstepError PORT_IN_USE, LISTEN_FAILED */
export async function startHttpServer(host: string, port: number, options: HttpServerOptions): Promise<HttpServer> {
  const { gate } = options;
  const isOwnMachine = isLoopback(host);
  const answer: RequestListener = (request, response) => {
    if (!isForUs(request, isOwnMachine)) respond(response, 403, 'this Host or Origin is not served\n');
    else handle(request, response, options);
  };
  const { server, end } = gate.tls ? withTls(gate.tls, answer) : { server: createServer(answer), end: () => {} };
  gate.strangers?.watch(server);
  // No request has a body, and whoever has not sent its head by then sends it too slowly.
  server.headersTimeout = SLOW_HEAD_MS;
  server.requestTimeout = SLOW_HEAD_MS;
  await listen(server, host, port);
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    address: `${address.includes(':') ? `[${address}]` : address}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        end();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/**
 * Whether a request is meant for this server. A page of another site may send a browser here: it names its Origin, or has
 * turned its own name to this address, which then stands in Host.
 */
function isForUs({ headers }: IncomingMessage, isOwnMachine: boolean): boolean {
  if (headers.origin !== undefined) return false;
  return !isOwnMachine || (headers.host !== undefined && isLoopback(hostOf(headers.host)));
}

function handle(
  request: IncomingMessage,
  response: ServerResponse,
  { registry, isReady, gate }: HttpServerOptions,
): void {
  const path = (request.url ?? '/').split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') respond(response, 405, 'only GET is served\n');
  else if (path === '/healthz') respond(response, 200, 'ok\n');
  else if (path === '/readyz') respond(response, isReady() ? 200 : 503, isReady() ? 'ready\n' : 'not ready\n');
  else if (path !== '/metrics') respond(response, 404, 'not found\n');
  else sendMetrics(request, response, { registry, gate }).catch(() => respond(response, 500, ''));
}

async function sendMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  { registry, gate }: Pick<HttpServerOptions, 'registry' | 'gate'>,
): Promise<void> {
  if (!(await isLetIn(request, response, gate))) return;
  const text = await registry.metrics();
  response.writeHead(200, { 'content-type': registry.contentType }).end(text);
}

/** Status of what a caller is refused with. @default 403 */
const HTTP_STATUS: Partial<Record<ErrorCode, number>> = {
  ...{ UNAUTHENTICATED: 401, RATE_LIMITED: 429, IDENTITY_UNAVAILABLE: 503 },
};

/** Whether the caller may read metrics; answers one that may not. */
async function isLetIn({ headers, socket }: IncomingMessage, response: ServerResponse, gate: Gate): Promise<boolean> {
  const from = `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
  const entry = { what: '/metrics', on: '', from } as const;
  let who: Principal | null = null;
  try {
    const certificate = socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate().raw : undefined;
    who = await gate.identify({ authorization: headers.authorization, certificate, from });
    gate.strangers?.introduce(socket);
    if (!mayCall(who, METRICS_READERS)) throw denied(who, '/metrics', METRICS_READERS);
    return true;
  } catch (thrown) {
    const { code, message, fix } = LockstepError.from(thrown);
    const isUnknown = code === 'UNAUTHENTICATED';
    if (isUnknown) response.setHeader('www-authenticate', 'Bearer realm="lockstep"');
    const status = HTTP_STATUS[code] ?? 403;
    gate.audit({ ...entry, who, outcome: status === 503 ? 'failed' : 'denied', status });
    respond(response, status, `${message} ${fix}\n`);
    return false;
  }
}

function respond(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
  response.end(text);
}

/** Clients may leave certificates out: probes have none. */
function withTls(tls: TlsFiles, answer: RequestListener): { readonly server: Server; readonly end: () => void } {
  const fixed = { minVersion: MIN_TLS_VERSION } as const;
  const clients = { requestCert: tls.contents.ca !== undefined, rejectUnauthorized: false };
  const server = createTlsServer({ ...tls.contents, ...fixed, ...clients }, answer);
  return { server, end: tls.follow((contents) => server.setSecureContext({ ...contents, ...fixed })) };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const value = `${host}:${port}`;
      const code = cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'LISTEN_FAILED';
      const message = `The metrics address ${value} cannot be listened on: ${cause.message}`;
      reject(new LockstepError(code, { message, field: '--metrics-port', value, cause }));
    });
    server.listen(port, host, resolve);
  });
}
