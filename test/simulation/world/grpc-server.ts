/** The server's side of simulated gRPC: handlers of the real services answer calls that come over links. */
import { EventEmitter } from 'node:events';
import { Metadata } from '@grpc/grpc-js';
import type { GrpcServer } from '../../../packages/protocol/src/grpc/server.ts';
import { environment } from './environment.ts';
import { type Process, theWorld } from './kernel.ts';
import type { Link } from './network.ts';

/** A method as service definitions describe it. */
export interface Method {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: object) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => object;
  readonly responseSerialize: (value: object) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => object;
}

/** How a call ended; `code` 0 is OK. */
export interface Status {
  readonly code: number;
  readonly details: string;
  readonly metadata?: unknown;
}

/** What a call's client hears. */
export interface ClientSide {
  onMessage(bytes: Buffer): void;
  onStatus(status: Status): void;
}

type Handler = (call: ServerCall, callback?: (error: unknown, value?: object) => void) => void;

/** A server that listens. */
export class Endpoint {
  readonly process: Process;
  readonly methods = new Map<string, { method: Method; handler: Handler }>();
  isListening = false;
  readonly links = new Set<Link>();

  constructor(process: Process) {
    this.process = process;
  }
}

/** Makes a server whose calls come over the simulated network. */
export function createGrpcServer(): GrpcServer {
  const owner = theWorld().current as Process;
  const endpoint = new Endpoint(owner);
  let address = '';
  const addService = (definition: Record<string, Method>, handlers: Record<string, Handler>): void => {
    for (const [name, method] of Object.entries(definition)) {
      const handler = handlers[name];
      if (handler) endpoint.methods.set(method.path, { method, handler });
    }
  };
  return {
    server: { addService } as unknown as GrpcServer['server'],
    listen: async (host, port) => {
      address = `${host}:${port}`;
      endpoint.isListening = true;
      environment().servers.set(address, endpoint);
      return port;
    },
    setServing: () => {},
    close: async () => {
      endpoint.isListening = false;
      for (const link of endpoint.links) link.close('server', 'the server was closed');
    },
  };
}

/** A call in a handler's hands. */
export class ServerCall extends EventEmitter {
  request: object = {};
  /** Simulated clients send none. */
  readonly metadata = new Metadata();
  cancelled = false;
  destroyed = false;
  writable = true;
  readonly #method: Method;
  readonly #link: Link;
  readonly #client: ClientSide;

  constructor(method: Method, link: Link, client: ClientSide) {
    super();
    this.#method = method;
    this.#link = link;
    this.#client = client;
    this.on('error', (error: Status) => this.finish(error));
  }

  write(message: object): boolean {
    if (!this.writable) return true;
    const bytes = this.#method.responseSerialize(message);
    const to = this.#link.process('client');
    const kind = environment().observer.toClient(this.#method.path, message, to);
    this.#link.send('server', kind, () => this.#client.onMessage(bytes));
    if (!theWorld().draws('backpressure').chance(0.05)) return true;
    theWorld().after(1, 'drain', () => this.emit('drain'));
    return false;
  }

  end(): void {
    this.finish({ code: 0, details: 'OK' });
  }

  finish(status: Status): void {
    if (!this.writable) return;
    this.writable = false;
    const { code, details, metadata } = status;
    this.#link.send('server', `status ${code}`, () => this.#client.onStatus({ code, details, metadata }));
  }

  /** The client is gone or wants no more. */
  cut(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    const wasWritable = this.writable;
    this.writable = false;
    this.destroyed = true;
    if (wasWritable) this.emit('cancelled');
  }
}

/** Starts a call at the server; runs in its process. */
export function serveCall(
  endpoint: Endpoint,
  { path, link, client }: { path: string; link: Link; client: ClientSide },
): { call: ServerCall; begin: (bytes: Buffer | null) => void } | null {
  const served = endpoint.methods.get(path);
  if (!served) return null;
  const { method, handler } = served;
  const call = new ServerCall(method, link, client);
  const begin = (bytes: Buffer | null): void => {
    if (bytes) call.request = method.requestDeserialize(bytes);
    if (method.responseStream) handler(call);
    else
      handler(call, (error, value) => {
        if (error || !value) return call.finish(error as Status);
        call.write(value);
        call.end();
      });
  };
  return { call, begin };
}
