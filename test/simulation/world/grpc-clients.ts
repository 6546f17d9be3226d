/** gRPC clients over simulated links, in place of those of packages/protocol. */
import { EventEmitter } from 'node:events';
import { Metadata } from '@grpc/grpc-js';
import * as actual from '../../../packages/protocol/src/grpc/definitions.ts';
import { environment } from './environment.ts';
import { type ClientSide, type Endpoint, type Method, type ServerCall, type Status, serveCall } from './grpc-server.ts';
import { type Process, theWorld } from './kernel.ts';
import type { Link } from './network.ts';

export {
  CONVERSION,
  clusterServiceDefinition,
  jobServiceDefinition,
  membershipServiceDefinition,
  parameterServiceDefinition,
  shardServiceDefinition,
  trainingServiceDefinition,
} from '../../../packages/protocol/src/grpc/definitions.ts';

const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;
/** Wait between two tries to connect. */
const REDIAL_MS = 200;

class ServiceError extends Error {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;

  constructor({ code, details, metadata }: Status) {
    super(`${code}: ${details}`);
    this.code = code;
    this.details = details;
    this.metadata = (metadata as Metadata | undefined) ?? new Metadata();
  }
}

/** The connection of a client to one address. */
class Channel {
  readonly address: string;
  readonly #process = theWorld().current as Process;
  #link: { link: Link; endpoint: Endpoint } | null = null;
  #waiting: ((link: { link: Link; endpoint: Endpoint } | null) => void)[] = [];
  #isDialling = false;
  #isClosed = false;
  readonly #calls = new Set<(status: Status) => void>();

  constructor(address: string) {
    this.address = address;
  }

  getTarget(): string {
    return this.address;
  }

  close(): void {
    this.#isClosed = true;
    this.#link?.link.close('client', 'the client closed the channel');
    this.#lose('the channel was closed');
  }

  /** Calls back with a link, or null where none can be had now. */
  use(then: (link: { link: Link; endpoint: Endpoint } | null) => void): void {
    if (this.#isClosed) {
      then(null);
      return;
    }
    if (this.#link) {
      then(this.#link);
      return;
    }
    this.#waiting.push(then);
    if (!this.#isDialling) this.#dial();
  }

  /** Follows a call, which fails with the link. @returns what ends that */
  follow(fail: (status: Status) => void): () => void {
    this.#calls.add(fail);
    return () => void this.#calls.delete(fail);
  }

  #dial(): void {
    this.#isDialling = true;
    const world = theWorld();
    const { network, servers } = environment();
    const endpoint = servers.get(this.address);
    const from = this.#process.host;
    const to = this.address.split(':')[0] as string;
    const finish = (link: { link: Link; endpoint: Endpoint } | null): void => {
      this.#isDialling = false;
      for (const then of this.#waiting.splice(0)) then(link);
    };
    if (network.isCut(from, to) || network.isCut(to, from)) {
      // Packets vanish: the dial hangs, and is tried again.
      world.after(1_000, 'dial timeout', () => finish(null), this.#process);
      return;
    }
    world.after(
      2 * network.latency(),
      'dial',
      () => {
        if (this.#isClosed || !endpoint?.isListening || !endpoint.process.isAlive || endpoint.process.isPaused)
          return finish(null);
        const link = network.connect(this.#process, endpoint.process);
        endpoint.links.add(link);
        link.onClosed('client', (why) => this.#lose(why));
        this.#link = { link, endpoint };
        finish(this.#link);
      },
      this.#process,
    );
  }

  #lose(why: string): void {
    this.#link = null;
    for (const fail of [...this.#calls]) fail({ code: UNAVAILABLE, details: why });
    this.#calls.clear();
  }
}

/** One call, whatever its kind. */
class ClientCall extends EventEmitter {
  readonly #method: Method;
  readonly #channel: Channel;
  readonly #received: object[] = [];
  #status: Status | null = null;
  #wake: (() => void) | null = null;
  #server: ServerCall | null = null;
  #link: Link | null = null;
  readonly #early: ((link: Link, server: () => ServerCall | null) => void)[] = [];
  readonly #unfollow: () => void;

  constructor(method: Method, channel: Channel, request: object | null, deadlineMs: number | undefined) {
    super();
    this.#method = method;
    this.#channel = channel;
    this.#unfollow = channel.follow((status) => this.#finish(status));
    if (deadlineMs !== undefined) {
      setTimeout(() => {
        if (!this.#status) this.#cut({ code: DEADLINE_EXCEEDED, details: 'Deadline exceeded' });
      }, deadlineMs - Date.now());
    }
    const bytes = request ? method.requestSerialize(request) : null;
    if (request) environment().observer.toServer(method.path, request, theWorld().current as Process);
    this.#channel.use((reached) => {
      if (this.#status) return;
      // Never inside the call itself, whose caller listens only afterwards.
      const unavailable = { code: UNAVAILABLE, details: 'No connection established' };
      if (!reached) return queueMicrotask(() => this.#finish(unavailable));
      this.#begin(reached.link, reached.endpoint, bytes);
    });
  }

  write(message: object, taken: () => void = () => {}): boolean {
    const bytes = this.#method.requestSerialize(message);
    taken();
    const kind = environment().observer.toServer(this.#method.path, message, theWorld().current as Process);
    const isLost = theWorld().current?.isMute && ('gradient' in message || 'evaluation' in message);
    if (!isLost) this.#toServer(kind, (call) => call.emit('data', this.#method.requestDeserialize(bytes)));
    if (!theWorld().draws('backpressure').chance(0.05)) return true;
    setTimeout(() => this.emit('drain'), 1);
    return false;
  }

  end(): void {
    this.#toServer('half-close', (call) => call.emit('end'));
  }

  cancel(): void {
    if (!this.#status) this.#cut({ code: CANCELLED, details: 'Cancelled on client' });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<object> {
    for (;;) {
      const next = this.#received.shift();
      if (next) yield next;
      else if (this.#status) {
        if (this.#status.code !== 0) throw new ServiceError(this.#status);
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  #begin(link: Link, endpoint: Endpoint, bytes: Buffer | null): void {
    this.#link = link;
    const client: ClientSide = {
      onMessage: (message) => this.#take(message),
      onStatus: (status) => this.#finish(status),
    };
    const { path } = this.#method;
    link.send('client', `call ${path}`, () => {
      const served = serveCall(endpoint, { path, link, client });
      if (!served) return link.send('server', 'unserved', () => this.#finish({ code: UNIMPLEMENTED, details: path }));
      this.#server = served.call;
      const cut = (): void => served.call.cut();
      serverCalls(link).add(cut);
      served.begin(bytes);
    });
    for (const send of this.#early.splice(0)) send(link, () => this.#server);
  }

  #toServer(kind: string, run: (call: ServerCall) => void): void {
    if (this.#status) return;
    const send = (link: Link, server: () => ServerCall | null): void => {
      link.send('client', kind, () => {
        const call = server();
        if (call && !call.cancelled) run(call);
      });
    };
    if (this.#link) send(this.#link, () => this.#server);
    else this.#early.push(send);
  }

  #take(bytes: Buffer): void {
    if (this.#status) return;
    const message = this.#method.responseDeserialize(bytes);
    if (this.listenerCount('data') > 0) this.emit('data', message);
    else this.#received.push(message);
    this.#wakeUp();
  }

  #cut(status: Status): void {
    this.#toServer('cancel', (call) => call.cut());
    // As the library does: whoever cancels hears of it later, not inside the call.
    queueMicrotask(() => this.#finish(status));
  }

  #finish(status: Status): void {
    if (this.#status) return;
    this.#status = status;
    this.#unfollow();
    this.#wakeUp();
    this.emit('status', status);
    if (status.code === 0) this.emit('end');
    else if (this.listenerCount('error') > 0) this.emit('error', new ServiceError(status));
    this.emit('close');
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}

const callsOfLinks = new WeakMap<Link, Set<() => void>>();

/** Calls that a link carries, cut at the server when it is gone. */
function serverCalls(link: Link): Set<() => void> {
  let calls = callsOfLinks.get(link);
  if (!calls) {
    const all = new Set<() => void>();
    calls = all;
    callsOfLinks.set(link, all);
    link.onClosed('server', () => {
      for (const cut of all) cut();
    });
  }
  return calls;
}

interface CallOptions {
  readonly deadline?: number;
}
type Callback = (error: unknown, response?: object) => void;

/** Makes a client class for the methods of a service. */
function client<Type>(definition: object): new (address: string, credentials: unknown, options?: object) => Type {
  class Client {
    readonly #channel: Channel;

    constructor(address: string, _credentials: unknown, options: { channelOverride?: Channel } = {}) {
      this.#channel = options.channelOverride ?? new Channel(address);
      for (const [name, method] of Object.entries(definition as Record<string, Method>)) {
        const camel = name.charAt(0).toLowerCase() + name.slice(1);
        Object.assign(this, { [camel]: this.#method(method) });
      }
    }

    getChannel(): Channel {
      return this.#channel;
    }

    close(): void {
      this.#channel.close();
    }

    waitForReady(deadlineMs: number, callback: (error?: Error) => void): void {
      let isOver = false;
      const timer = setTimeout(() => {
        isOver = true;
        callback(new Error('Failed to connect before the deadline'));
      }, deadlineMs - Date.now());
      const attempt = (): void => {
        if (isOver) return;
        this.#channel.use((link) => {
          if (isOver) return;
          if (!link) return void setTimeout(attempt, REDIAL_MS);
          isOver = true;
          clearTimeout(timer);
          callback();
        });
      };
      attempt();
    }

    #method(method: Method): unknown {
      const channel = this.#channel;
      if (method.requestStream) return () => new ClientCall(method, channel, null, undefined);
      if (method.responseStream)
        return (request: object, options: CallOptions = {}) =>
          new ClientCall(method, channel, request, options.deadline);
      return (request: object, _metadata: object, options: CallOptions, callback: Callback) => {
        const call = new ClientCall(method, channel, request, options.deadline);
        let answer: object | undefined;
        call.on('data', (message: object) => {
          answer = message;
        });
        call.on('error', (error) => callback(error));
        call.on('end', () => callback(null, answer));
        return call;
      };
    }
  }
  return Client as unknown as new (
    address: string,
    credentials: unknown,
    options?: object,
  ) => Type;
}

export const ClusterServiceClient = client<actual.ClusterServiceClient>(actual.clusterServiceDefinition);
export const JobServiceClient = client<actual.JobServiceClient>(actual.jobServiceDefinition);
export const MembershipServiceClient = client<actual.MembershipServiceClient>(actual.membershipServiceDefinition);
export const TrainingServiceClient = client<actual.TrainingServiceClient>(actual.trainingServiceDefinition);
export const ParameterServiceClient = client<actual.ParameterServiceClient>(actual.parameterServiceDefinition);
export const ShardServiceClient = client<actual.ShardServiceClient>(actual.shardServiceDefinition);
