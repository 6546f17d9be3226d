/** A gRPC server with the window, limits, health and reflection that every Lockstep server has. */
import * as grpc from '@grpc/grpc-js';
import { LockstepError } from '../errors/lockstep-error.js';
import {
  KEEPALIVE_INTERVAL_MS,
  KEEPALIVE_TIMEOUT_MS,
  MAX_CONCURRENT_STREAMS,
  SERVER_RECEIVE_BYTES,
} from '../limits.js';
import { addHealthAndReflection } from './health.js';
import { installServerWindow, withStrangers } from './server-window.js';
import type { Strangers } from './strangers.js';
import type { TlsFiles } from './tls-files.js';

/** A server to which services are added before it listens. */
export interface GrpcServer {
  /** Takes services; a method without a handler answers UNIMPLEMENTED with its name. */
  readonly server: grpc.Server;
  /** Listens and returns the port. @throws LockstepError PORT_IN_USE, LISTEN_FAILED */
  listen(host: string, port: number): Promise<number>;
  /** What the health service says about a service; '' stands for the whole server. */
  setServing(service: string, serving: boolean): void;
  /** Ends the server: calls may finish within `graceMs`, then they are cut. */
  close(graceMs: number): Promise<void>;
}

/** Who may call, and how. */
export interface GrpcServerOptions {
  /** Certificate and key; with a `ca`, clients may show certificates. @default no TLS */
  readonly tls?: TlsFiles | null;
  /** Whether a client without a certificate is refused before it says a word. @default false */
  readonly requireCertificate?: boolean;
  /** Looks at each call before its handler. */
  readonly interceptor?: grpc.ServerInterceptor;
  /** Bounds connections until the interceptor introduces their callers. @default none are bounded */
  readonly strangers?: Strangers | null;
}

/** Makes a server that is not listening yet. */
export function createGrpcServer(options: GrpcServerOptions = {}): GrpcServer {
  installServerWindow();
  const server = new grpc.Server({
    'grpc.max_receive_message_length': SERVER_RECEIVE_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': MAX_CONCURRENT_STREAMS,
    'grpc.keepalive_time_ms': KEEPALIVE_INTERVAL_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.enable_channelz': 0,
    'grpc.so_reuseport': 0,
    ...(options.interceptor ? { interceptors: [options.interceptor] } : {}),
  });
  const health = addHealthAndReflection(server);
  return {
    server,
    listen: (host, port) =>
      listen(server, { host, port, credentials: serverCredentials(options), strangers: options.strangers ?? null }),
    setServing: (service, serving) => health.setStatus(service, serving ? 'SERVING' : 'NOT_SERVING'),
    close: (graceMs) => close(server, graceMs),
  };
}

function serverCredentials({ tls, requireCertificate = false }: GrpcServerOptions): grpc.ServerCredentials {
  if (!tls) return grpc.ServerCredentials.createInsecure();
  const clients = tls.contents.ca ? tls : null;
  return grpc.experimental.createCertificateProviderServerCredentials(tls, clients, requireCertificate);
}

interface Listening {
  readonly host: string;
  readonly port: number;
  readonly credentials: grpc.ServerCredentials;
  readonly strangers: Strangers | null;
}

function listen(server: grpc.Server, { host, port, credentials, strangers }: Listening): Promise<number> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    withStrangers(strangers, () =>
      server.bindAsync(address, credentials, (cause, boundPort) => {
        if (cause) reject(listenError(address, cause));
        else resolve(boundPort);
      }),
    );
  });
}

function listenError(address: string, cause: Error): LockstepError {
  if (/EADDRINUSE/.test(cause.message)) {
    const message = `The address ${address} is taken by another process.`;
    return new LockstepError('PORT_IN_USE', { message, field: 'port', value: address, cause });
  }
  const message = `Cannot listen on ${address}: ${cause.message}`;
  return new LockstepError('LISTEN_FAILED', { message, field: 'address', value: address, cause });
}

async function close(server: grpc.Server, graceMs: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => {
      server.forceShutdown();
      resolve();
    }, graceMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
