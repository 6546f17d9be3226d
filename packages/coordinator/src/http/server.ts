/** The HTTP server: /metrics, /healthz, /readyz and the dashboard. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { isLoopback, MIN_TLS_VERSION, type TlsFiles } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { SLOW_HEAD_MS } from '../limits.js';
import { respond } from './answers.js';
import { Dashboard, type DashboardOptions } from './dashboard.js';
import { isForUs, isSafeName, type OwnSite } from './own-site.js';
import { answerProbe, type ProbesOptions } from './probes.js';

/** A listening HTTP server. */
export interface HttpServer {
  /** "host:port". */
  readonly address: string;
  /** Address of the dashboard for browsers; null where it is not served. */
  readonly dashboardUrl: string | null;
  close(): Promise<void>;
}

/** What is served, and to whom. */
export interface HttpServerOptions extends ProbesOptions {
  /** Null serves none. */
  readonly dashboard: Omit<DashboardOptions, 'gate'> | null;
  /** Address that a proxy in front of the server has for browsers. @default null: there is none */
  readonly proxy?: URL | null;
}

/** Whoever has not sent its head and its little body by then sends it too slowly. Answers may go on. */
const PATIENCE = {
  headersTimeout: SLOW_HEAD_MS,
  requestTimeout: SLOW_HEAD_MS,
  connectionsCheckingInterval: SLOW_HEAD_MS / 2,
} as const;

const UNSAFE_NAME =
  'this Host is not served: use an address, or the name of --host or --dashboard-url of the coordinator\n';

/** Listens. @throws LockstepError PORT_IN_USE, LISTEN_FAILED */
export async function startHttpServer(host: string, port: number, options: HttpServerOptions): Promise<HttpServer> {
  const { gate, proxy = null } = options;
  const scheme = gate.tls ? 'https' : 'http';
  const site: OwnSite = { scheme, host, isOwnMachine: isLoopback(host), isOpen: gate.isOpen, proxy };
  const dashboard = options.dashboard && new Dashboard({ ...options.dashboard, gate }, site);
  const answer: RequestListener = (request, response) => {
    if (!isForUs(request.headers, site)) respond(response, 403, 'this Host or Origin is not served\n');
    else if (answerProbe(request, response, options)) return;
    else if (!isSafeName(request.headers, site)) respond(response, 403, UNSAFE_NAME);
    else if (dashboard?.answer(request, response)) return;
    else if (request.method !== 'GET' && request.method !== 'HEAD') respond(response, 405, 'only GET is served\n');
    else respond(response, 404, 'not found\n');
  };
  const { server, end } = gate.tls
    ? withTls(gate.tls, answer)
    : { server: createServer(PATIENCE, answer), end: () => {} };
  gate.strangers?.watch(server);
  await listen(server, host, port);
  const { address: boundHost, port: bound } = server.address() as AddressInfo;
  const address = `${boundHost.includes(':') ? `[${boundHost}]` : boundHost}:${bound}`;
  return {
    address,
    dashboardUrl: dashboard && (proxy?.href ?? `${site.scheme}://${reachable(address)}/`),
    close: () =>
      new Promise((resolve) => {
        end();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Whoever listens on all addresses is reached under this machine's name. */
function reachable(address: string): string {
  return address.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, 'localhost');
}

/** Clients may leave certificates out: probes have none. */
function withTls(tls: TlsFiles, answer: RequestListener): { readonly server: Server; readonly end: () => void } {
  const fixed = { minVersion: MIN_TLS_VERSION } as const;
  const clients = { requestCert: tls.contents.ca !== undefined, rejectUnauthorized: false };
  const server = createTlsServer({ ...tls.contents, ...fixed, ...clients, ...PATIENCE }, answer);
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
