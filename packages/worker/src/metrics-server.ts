/** Serves /metrics and /healthz. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LockstepError } from '@lockstep/protocol/core';
import type { Registry } from 'prom-client';
import { type MetricsAddress, metricsAccess } from './metrics-access.js';

/** A server that answers until closed. */
export interface MetricsServer {
  /** "host:port". */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Starts the server.
 * @param isHealthy whether /healthz answers 200 or 503
 * @throws LockstepError PORT_IN_USE, LISTEN_FAILED, LISTENER_UNPROTECTED, TOKENS_INVALID
 */
export async function serveMetrics(
  { host, port, ...who }: MetricsAddress,
  registry: Registry,
  isHealthy: () => boolean,
): Promise<MetricsServer> {
  const mayRead = await metricsAccess({ host, port, ...who });
  const server = createServer(async (request, response) => {
    if (request.url === '/metrics' && !(await mayRead(request.headers.authorization))) {
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="lockstep"' }).end('/metrics asks for a token\n');
    } else if (request.url === '/metrics') {
      response.setHeader('content-type', registry.contentType).end(await registry.metrics());
    } else if (request.url === '/healthz') {
      response.writeHead(isHealthy() ? 200 : 503).end(isHealthy() ? 'ok\n' : 'not joined\n');
    } else {
      response.writeHead(404).end('see /metrics and /healthz\n');
    }
  });
  await listen(server, host, port);
  const { address, port: bound } = server.address() as AddressInfo;
  return {
    address: `${address.includes(':') ? `[${address}]` : address}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const code = cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'LISTEN_FAILED';
      const message = `Metrics cannot be served on ${host}:${port}: ${cause.message}`;
      reject(new LockstepError(code, { message, field: '--metrics-port', value: String(port), cause }));
    });
    server.listen(port, host, resolve);
  });
}
