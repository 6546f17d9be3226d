/** /metrics, /healthz and /readyz. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LockstepError } from '@lockstep/protocol/core';
import type { Registry } from 'prom-client';

/** A listening HTTP server. */
export interface HttpServer {
  /** "host:port". */
  readonly address: string;
  close(): Promise<void>;
}

/** Listens. @throws LockstepError PORT_IN_USE, LISTEN_FAILED */
export async function startHttpServer(
  host: string,
  port: number,
  { registry, isReady }: { readonly registry: Registry; readonly isReady: () => boolean },
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0];
    if (path === '/metrics') {
      registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
        () => response.writeHead(500).end(),
      );
      return;
    }
    if (path === '/healthz') response.writeHead(200).end('ok\n');
    else if (path === '/readyz') response.writeHead(isReady() ? 200 : 503).end(isReady() ? 'ready\n' : 'not ready\n');
    else response.writeHead(404).end('not found\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const value = `${host}:${port}`;
      const code = cause.code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'LISTEN_FAILED';
      reject(
        new LockstepError(code, {
          message: `The metrics address ${value} cannot be listened on: ${cause.message}`,
          field: '--metrics-port',
          value,
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
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
