/** A worker's life: performs what the session machine decides, from the first Join to the last Bye. */
import type { Engine } from '@lockstep/engine';
import type { AccessOptions, JobPlan__Output, JoinRequest, NatsAccess, SharedMemoryProvider } from '@lockstep/protocol';
import { LockstepError } from '@lockstep/protocol/core';
import type { Logger } from 'pino';
import { GrpcShards } from './adapters/grpc-shards.js';
import { openHostLink } from './adapters/host-link.js';
import { receiveParameters } from './adapters/parameter-source.js';
import { residualSource } from './adapters/residual-source.js';
import type { ShardCache } from './adapters/shard-cache.js';
import { type CommandContext, CommandQueue } from './command-queue.js';
import type { ExitCode } from './config.js';
import { Connection } from './connection.js';
import {
  nextSession,
  type SessionAction,
  type SessionEvent,
  type SessionLimits,
  startSession,
} from './core/session-machine.js';
import type { JobPorts } from './job.js';
import {
  DRAIN_LIMIT_MS,
  FIRST_JOIN_LIMIT_MS,
  MAX_HEARTBEAT_FAILURES,
  MAX_RETRY_MS,
  MIN_RETRY_MS,
  REJOIN_LIMIT_MS,
} from './limits.js';
import type { WorkerMetrics } from './metrics.js';
import type { Clock } from './ports.js';

const LIMITS: SessionLimits = {
  minRetryMs: MIN_RETRY_MS,
  maxRetryMs: MAX_RETRY_MS,
  firstJoinLimitMs: FIRST_JOIN_LIMIT_MS,
  rejoinLimitMs: REJOIN_LIMIT_MS,
  maxHeartbeatFailures: MAX_HEARTBEAT_FAILURES,
};

/** What a worker is made of. */
export interface WorkerPorts {
  /** "host:port" of the coordinator. */
  readonly server: string;
  /** How the worker shows who it is. */
  readonly access: AccessOptions;
  /** How it logs in to NATS by itself. @default {} takes what the coordinator gives */
  readonly nats?: NatsAccess['credentials'];
  readonly join: JoinRequest;
  readonly engine: Engine;
  readonly cache: ShardCache;
  /** Shared memory of this machine. */
  readonly memory: () => Promise<SharedMemoryProvider>;
  readonly clock: Clock;
  readonly metrics: WorkerMetrics;
  readonly logger: Logger;
}

/** Joins a coordinator and computes for it until told to stop. */
export class Worker {
  readonly #ports: WorkerPorts;
  readonly #queue: CommandQueue;
  #session;
  #connection: Connection | null = null;
  /** What the coordinator gave for a token that was good for one join. */
  #sessionToken = '';
  #context: CommandContext | null = null;
  readonly #joining = new AbortController();
  #retry: NodeJS.Timeout | undefined;
  #lastReason = '';
  #finish: (outcome: ExitCode | LockstepError) => void = () => {};

  constructor(ports: WorkerPorts) {
    const { clock, logger, metrics } = ports;
    this.#ports = ports;
    this.#session = startSession(clock.nowMs());
    this.#queue = new CommandQueue(clock, {
      prepared: (job, seconds) => logger.info({ job, seconds }, 'job prepared'),
      failed: (what, error, place) => logger.error({ ...place, what, code: error.code, err: error }, error.message),
      lanesComputed: (count) => metrics.lanesComputed(count),
      uploaded: (seconds, bytes) => {
        metrics.phase('upload', seconds);
        metrics.transported('grpc', 'out', bytes.grpc);
        if (bytes.host > 0) metrics.transported('host', 'out', bytes.host);
      },
    });
  }

  /** Whether a coordinator has this worker. */
  get isServing(): boolean {
    return this.#session.state.phase === 'serving';
  }

  /** Runs until drained. @throws LockstepError when the coordinator refuses this worker or stays away too long */
  async run(): Promise<ExitCode> {
    const outcome = await new Promise<ExitCode | LockstepError>((resolve) => {
      this.#finish = resolve;
      this.#perform(this.#session.actions);
    });
    // A join that still waits would keep the process alive.
    clearTimeout(this.#retry);
    this.#joining.abort();
    await this.#queue.release();
    if (outcome instanceof LockstepError) throw outcome;
    return outcome;
  }

  /** Ends the lane in flight, says goodbye and ends {@link run}. */
  stop(exitCode: ExitCode): void {
    this.#dispatch({ type: 'drainRequested', exitCode });
  }

  #dispatch(event: SessionEvent): void {
    const { clock, logger } = this.#ports;
    const step = nextSession(this.#session.state, event, clock.nowMs(), LIMITS);
    this.#session = step;
    if (step.reason && step.reason !== this.#lastReason) {
      this.#lastReason = step.reason;
      const code = 'error' in event ? event.error.code : undefined;
      logger.info({ phase: step.state.phase, code }, step.reason);
    }
    this.#perform(step.actions);
  }

  #perform(actions: readonly SessionAction[]): void {
    void (async () => {
      for (const action of actions) await this.#act(action);
    })();
  }

  async #act(action: SessionAction): Promise<void> {
    switch (action.type) {
      case 'join':
        this.#retry = setTimeout(() => void this.#join(), action.delayMs);
        return;
      case 'disconnect': {
        const connection = this.#connection;
        this.#connection = null;
        await connection?.close();
        return;
      }
      case 'drain': {
        const limit = new Promise((resolve) => setTimeout(resolve, DRAIN_LIMIT_MS).unref());
        void Promise.race([this.#queue.drain(), limit]).then(() => this.#dispatch({ type: 'drained' }));
        return;
      }
      case 'leave':
        await this.#connection?.leave('the worker was told to stop');
        return;
      case 'exit':
        return this.#finish(action.exitCode);
      case 'fail':
        return this.#finish(action.error);
    }
  }

  async #join(): Promise<void> {
    if (this.#session.state.phase !== 'joining') return;
    try {
      const connection = await Connection.open({
        server: this.#ports.server,
        access: this.#access(),
        join: this.#ports.join,
        nats: this.#ports.nats,
        signal: this.#joining.signal,
        busyMs: () => this.#queue.busyMs,
        activity: () => this.#queue.activity,
        onMessage: (message, from) => this.#queue.accept(message, this.#contextOf(from)),
        onEnd: (reason) => this.#dispatch({ type: 'streamEnded', reason }),
        onHeartbeat: (error) =>
          this.#dispatch(error ? { type: 'heartbeatFailed', error } : { type: 'heartbeatAnswered' }),
      });
      // Told to stop while joining: the machine has ended, so nobody else closes this connection.
      if (this.#session.state.phase !== 'joining') return void connection.leave('the worker was told to stop');
      this.#connection = connection;
      this.#sessionToken = connection.sessionToken || this.#sessionToken;
      this.#dispatch({ type: 'joined' });
    } catch (thrown) {
      this.#dispatch({ type: 'joinFailed', error: LockstepError.from(thrown) });
    }
  }

  #access(): AccessOptions {
    const { tokenFile: _, ...given } = this.#ports.access;
    return this.#sessionToken ? { ...given, token: this.#sessionToken } : this.#ports.access;
  }

  #contextOf(connection: Connection): CommandContext {
    if (this.#context?.outbox !== connection.outbox) {
      this.#context = { outbox: connection.outbox, jobPorts: (jobId) => this.#jobPorts(connection, jobId) };
    }
    return this.#context;
  }

  #jobPorts(connection: Connection, jobId: string): JobPorts {
    const { engine, clock, cache, metrics, memory, join, logger } = this.#ports;
    const { workerId, incarnation, nats } = connection;
    const onBytes = (bytes: number): void => metrics.transported('grpc', 'in', bytes);
    return {
      engine,
      clock,
      shards: new GrpcShards({ client: connection.shards, cache, jobId, workerId, incarnation, onBytes }),
      subscribe: (plan: JobPlan__Output, layout, buffers) =>
        receiveParameters(plan, layout.elementCount, buffers, {
          ...{
            nats,
            workerId,
            incarnation,
            client: connection.parameters,
            login: connection.hasOwnLogin ? null : plan.natsLogin,
          },
          onRefusal: (why) =>
            logger.warn({ job: jobId, why }, 'NATS does not let this worker hear parameters: they come over gRPC'),
          onBytes: (transport, bytes) => metrics.transported(transport, 'in', bytes),
        }),
      openHost: (offer, { elementCount }) =>
        openHostLink(offer, {
          ...{ elementCount, memory },
          onBytes: (bytes) => metrics.transported('host', 'in', bytes),
        }),
      residuals: (plan) => residualSource(plan, { client: connection.parameters, workerId, incarnation, onBytes }),
      onPhase: (phase, seconds) => metrics.phase(phase, seconds),
      replicas: join.replicas ?? 1,
    };
  }
}
