/** One incarnation's connection: channel, Join, NATS, Train stream and heartbeats. */
import type * as grpc from '@grpc/grpc-js';
import {
  type Access,
  type AccessOptions,
  type Activity,
  channelOptions,
  clientCredentials,
  connectNats,
  fromServiceError,
  type JoinRequest,
  type JoinResponse__Output,
  MembershipServiceClient,
  type NatsAccess,
  type NatsConnection,
  ParameterServiceClient,
  readAccess,
  ShardServiceClient,
  TrainingServiceClient,
  type TrainRequest,
  type TrainResponse__Output,
  unary,
  waitForReady,
} from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import { CALL_DEADLINE_MS, CONNECT_TIMEOUT_MS, DEFAULT_HEARTBEAT_MS, HEARTBEAT_DEADLINE_MS } from './limits.js';
import { natsOptions } from './nats-options.js';
import { Outbox } from './outbox.js';

/** Who joins, and who is told. */
export interface ConnectionOptions {
  /** "host:port". */
  readonly server: string;
  /** How this worker shows who it is; read anew for each connection. */
  readonly access: AccessOptions;
  readonly join: JoinRequest;
  /** How this worker logs in to NATS by itself. @default {} takes what the coordinator gives */
  readonly nats?: NatsAccess['credentials'] | undefined;
  /** Gives up an attempt to join. */
  readonly signal: AbortSignal;
  /** Milliseconds the engine has been in its current run, for heartbeats. */
  readonly busyMs: () => number;
  /** What this worker is at, for heartbeats. */
  readonly activity: () => Activity | null;
  readonly onMessage: (message: TrainResponse__Output, connection: Connection) => void;
  /** The stream is over, once, with the reason; not after {@link Connection.close}. */
  readonly onEnd: (reason: string) => void;
  readonly onHeartbeat: (error: LockstepError | null) => void;
}

/** A joined worker's connection. */
export class Connection {
  readonly workerId: string;
  readonly incarnation: number;
  /** Shows who this worker is when it joins again; '' where what it has does. */
  readonly sessionToken: string;
  readonly outbox: Outbox;
  readonly nats: NatsConnection;
  /** Whether it logs in to NATS by itself, whatever the coordinator gives. */
  readonly hasOwnLogin: boolean;
  readonly parameters: ParameterServiceClient;
  readonly shards: ShardServiceClient;
  readonly #options: ConnectionOptions;
  readonly #membership: MembershipServiceClient;
  readonly #training: TrainingServiceClient;
  readonly #stream: grpc.ClientDuplexStream<TrainRequest, TrainResponse__Output>;
  #heartbeats: NodeJS.Timeout | null = null;
  #isClosed = false;

  private constructor(
    options: ConnectionOptions,
    membership: MembershipServiceClient,
    joined: JoinResponse__Output,
    nats: NatsConnection,
    access: Access,
  ) {
    // One channel carries everything: a second would need its own keepalive and hide a half-dead first.
    const shared = { ...channelOptions(access), channelOverride: membership.getChannel() };
    const credentials = clientCredentials(access);
    this.#options = options;
    this.#membership = membership;
    this.workerId = joined.workerId;
    this.incarnation = joined.incarnation;
    this.sessionToken = joined.sessionToken;
    this.nats = nats;
    this.hasOwnLogin = options.nats?.account !== undefined || options.nats?.user !== undefined;
    this.#training = new TrainingServiceClient(options.server, credentials, shared);
    this.parameters = new ParameterServiceClient(options.server, credentials, shared);
    this.shards = new ShardServiceClient(options.server, credentials, shared);
    this.#stream = this.#training.train();
    this.outbox = new Outbox(this.#stream);
    this.#heartbeats = this.#startHeartbeats(joined.heartbeatIntervalMs || DEFAULT_HEARTBEAT_MS);
  }

  /** Joins and opens the stream; settles after the coordinator's welcome. @throws LockstepError what went wrong */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const access = await readAccess(options.server, options.access);
    const membership = new MembershipServiceClient(options.server, clientCredentials(access), channelOptions(access));
    let nats: NatsConnection | null = null;
    try {
      await waitForReady(membership, { timeoutMs: CONNECT_TIMEOUT_MS, signal: options.signal, access });
      const deadline = { deadlineMs: CALL_DEADLINE_MS };
      const joined = await unary<JoinRequest, JoinResponse__Output>(membership, 'join', options.join, deadline);
      if (joined.sessionToken) access.token = joined.sessionToken;
      nats = await connectNats({ ...natsOptions(joined.nats, options.nats), name: joined.workerId });
      const connection = new Connection(options, membership, joined, nats, access);
      await connection.#welcome();
      return connection;
    } catch (thrown) {
      await nats?.close();
      membership.close();
      throw fromServiceError(thrown);
    }
  }

  /** Says goodbye, waits until the coordinator has ended the stream, and closes. */
  async leave(reason: string): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.#stream.once('close', resolve);
      this.#stream.once('end', resolve);
      setTimeout(resolve, CALL_DEADLINE_MS).unref();
    });
    this.#stopHeartbeats();
    await this.outbox.send({ bye: { reason } });
    this.#isClosed = true;
    this.outbox.end();
    await ended;
    await this.close();
  }

  /** Closes everything at once. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopHeartbeats();
    this.outbox.close();
    this.#stream.cancel();
    this.#membership.close();
    if (!this.nats.isClosed()) await this.nats.close();
  }

  #welcome(): Promise<void> {
    return new Promise((resolve, reject) => {
      let isWelcome = false;
      const timer = setTimeout(() => end('the coordinator sent no welcome'), CONNECT_TIMEOUT_MS);
      const end = (reason: string, error?: LockstepError): void => {
        clearTimeout(timer);
        this.outbox.close();
        if (!isWelcome) {
          this.#stopHeartbeats();
          this.#stream.cancel();
          reject(error ?? new LockstepError('SERVER_UNREACHABLE', { message: `Joining failed: ${reason}.` }));
        } else if (!this.#isClosed) {
          this.#isClosed = true;
          this.#options.onEnd(reason);
        }
      };
      this.#stream.on('data', (message: TrainResponse__Output) => {
        if (message.welcome) {
          isWelcome = true;
          clearTimeout(timer);
          resolve();
        } else if (message.bye) end(message.bye.reason || 'the coordinator said goodbye');
        else if (!this.#isClosed) this.#options.onMessage(message, this);
      });
      this.#stream.on('error', (thrown: Error) => {
        const error = fromServiceError(thrown);
        end(error.message, error);
      });
      this.#stream.on('end', () => end('the coordinator ended it'));
      this.outbox.send({ hello: { workerId: this.workerId, incarnation: this.incarnation } });
    });
  }

  #startHeartbeats(intervalMs: number): NodeJS.Timeout {
    let isOpen = true;
    return setInterval(async () => {
      // One at a time, so that a slow coordinator isn't buried.
      if (!isOpen) return;
      isOpen = false;
      const { workerId, incarnation } = this;
      const { busyMs, activity } = this.#options;
      const request = { workerId, incarnation, busyMs: Math.round(busyMs()), activity: activity() };
      const error = await unary(this.#membership, 'heartbeat', request, { deadlineMs: HEARTBEAT_DEADLINE_MS }).then(
        () => null,
        LockstepError.from,
      );
      isOpen = true;
      if (!this.#isClosed) this.#options.onHeartbeat(error);
    }, intervalMs);
  }

  #stopHeartbeats(): void {
    if (this.#heartbeats) clearInterval(this.#heartbeats);
    this.#heartbeats = null;
  }
}
