/** Start, drain and stop of a coordinator: store, NATS, services, queue. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPrepared, type Preparation, type PreparedData, startPreparation } from '@lockstep/data';
import {
  connectNats,
  createGrpcServer,
  type GrpcServer,
  type NatsAccess,
  type NatsConnection,
  ParameterPublisher,
  parameterSubject,
  readNatsAccess,
  type SharedMemoryProvider,
  sharedMemory,
} from '@lockstep/protocol';
import type { Logger } from 'pino';
import { CheckpointFolder } from './adapters/checkpoint-folder.js';
import { CHECKPOINTS_FOLDER, DirectoryStore, EVENTS_FOLDER, PREPARED_FOLDER } from './adapters/directory-store.js';
import { EventFolder } from './adapters/event-folder.js';
import { systemClock } from './adapters/system-clock.js';
import type { CoordinatorConfig } from './config.js';
import { isTerminal } from './core/job-machine.js';
import { Gate } from './doors/gate.js';
import { ShardAccess } from './doors/shard-access.js';
import type { DashboardOptions } from './http/dashboard.js';
import { type HttpServer, startHttpServer } from './http/server.js';
import type { Job } from './job.js';
import { JobHistory, loadEvents } from './job-history.js';
import { logJob } from './job-log.js';
import { JobQueue } from './job-queue.js';
import { phaseOf } from './job-record.js';
import { JobRetention } from './job-retention.js';
import { LAST_STEP_GRACE_MS, STOP_GRACE_MS } from './limits.js';
import { CoordinatorMetrics } from './metrics.js';
import type { WorkerShare } from './ports.js';
import { JobRecords, type OpenBucket } from './records/job-records.js';
import { addClusterService, connectedWorkers } from './services/cluster-service.js';
import { JobCalls } from './services/job-calls.js';
import { addJobsService } from './services/jobs-service.js';
import { addMembershipService } from './services/membership-service.js';
import { addParametersService, type ServedVectors } from './services/parameters-service.js';
import { addShardsService } from './services/shards-service.js';
import { addTrainingService } from './services/training-service.js';
import { sharingOf } from './sharing.js';
import type { Tracing } from './tracing/open-tracing.js';
import { type TrainPorts, trainJob } from './train-job.js';
import { WorkerRegistry } from './worker-registry.js';
import { Workforce } from './workforce.js';

/** Version of this package. */
export const VERSION = '0.1.0';

/** File of a job's events in its folder. */
const EVENTS = 'events.jsonl';

const OPEN_PROXY =
  'nobody is asked who they are: whoever reaches the proxy in front of the dashboard sees and cancels jobs; --tokens asks, or the proxy has to';

/** Addresses of a coordinator that listens. */
export interface Listening {
  readonly address: string;
  readonly metricsAddress: string;
  /** Address of the dashboard for browsers; null where it is not served. */
  readonly dashboardUrl: string | null;
}

/** What tests put in the place of the real. */
export interface CoordinatorPorts {
  /** Starts the process that prepares data. */
  readonly prepare?: () => Preparation;
  readonly openBucket?: OpenBucket;
  readonly memory?: () => Promise<SharedMemoryProvider>;
  /** Where spans go. @default nowhere */
  readonly tracing?: Tracing | null;
}

/** A coordinator's parts, from start to stop. */
export class Coordinator {
  readonly #config: CoordinatorConfig;
  readonly #metrics = new CoordinatorMetrics(VERSION);
  readonly #logger: Logger;
  readonly #leadershipEpoch: number;
  readonly #nats: NatsConnection;
  readonly #natsAccess: NatsAccess;
  readonly #records: JobRecords;
  readonly #memory: () => Promise<SharedMemoryProvider>;
  /** By job, of those whose events are being kept. */
  readonly #histories = new Map<string, JobHistory>();
  #retention: JobRetention | null = null;
  readonly #registry: WorkerRegistry;
  readonly #store: DirectoryStore;
  readonly #workforce: Workforce;
  readonly #queue: JobQueue;
  readonly #gate: Gate;
  readonly #tracing: Tracing | null;
  readonly #server: GrpcServer;
  readonly #served = new Map<string, { files: ReadonlyMap<string, string> } & ServedVectors>();
  readonly #startPreparation: () => Preparation;
  #preparation: Preparation | null = null;
  #http: HttpServer | null = null;

  /**
   * Opens the store and NATS, and begins a leadership on both.
   * @throws LockstepError STORE_IN_USE, OUTPUT_UNWRITABLE, DISK_FULL, NATS_UNREACHABLE, NATS_SERVER_TOO_OLD,
   *   LISTENER_UNPROTECTED, TLS_INVALID, TOKENS_INVALID, NATS_REFUSED, NATS_LOGIN_INVALID
   */
  static async open(
    config: CoordinatorConfig,
    logger: Logger,
    { prepare = startPreparation, openBucket, memory = sharedMemory, tracing = null }: CoordinatorPorts = {},
  ): Promise<Coordinator> {
    const store = new DirectoryStore(config.storeDirectory);
    let nats: NatsConnection | null = null;
    let gate: Gate | null = null;
    try {
      await store.open();
      gate = await Gate.open(config, logger);
      const natsAccess = await readNatsAccess(config.natsAccess);
      nats = await connectNats({ servers: config.natsServers, ...natsAccess.credentials, name: 'coordinator' });
      const records = await JobRecords.open({ store, nats, logger, isIndexed: !config.isTransient, openBucket });
      return new Coordinator(config, { logger, prepare, store, nats, natsAccess, records, memory, gate, tracing });
    } catch (thrown) {
      config.preparation?.dispose();
      gate?.close();
      await nats?.close();
      await store.close();
      throw thrown;
    }
  }

  private constructor(
    config: CoordinatorConfig,
    parts: {
      readonly logger: Logger;
      readonly prepare: () => Preparation;
      readonly store: DirectoryStore;
      readonly nats: NatsConnection;
      readonly natsAccess: NatsAccess;
      readonly records: JobRecords;
      readonly memory: () => Promise<SharedMemoryProvider>;
      readonly gate: Gate;
      readonly tracing: Tracing | null;
    },
  ) {
    const { logger, prepare, store, nats, natsAccess, records, memory, gate } = parts;
    this.#tracing = parts.tracing;
    const { leadershipEpoch } = records;
    this.#config = config;
    this.#gate = gate;
    this.#server = createGrpcServer({
      tls: gate.tls,
      requireCertificate: gate.requiresCertificate,
      strangers: gate.strangers,
      ...(gate.isOpen ? {} : { interceptor: gate.interceptor }),
    });
    this.#logger = logger;
    this.#startPreparation = prepare;
    this.#store = store;
    this.#nats = nats;
    this.#natsAccess = natsAccess;
    this.#memory = memory;
    this.#records = records;
    this.#leadershipEpoch = leadershipEpoch;
    this.#registry = new WorkerRegistry(systemClock, leadershipEpoch);
    const sharing = sharingOf(config.sharing ?? {});
    this.#workforce = new Workforce(this.#registry, () => this.#queue.workersChanged(), sharing);
    this.#queue = new JobQueue({
      clock: systemClock,
      store: this.#store,
      saveRecord: (record) => records.save(record),
      deleteRecord: (jobId) => this.#deleteRecord(jobId),
      metrics: this.#metrics,
      leadershipEpoch,
      earlierEvents: (jobId) => loadEvents(store.jobFile(jobId, EVENTS)),
      onSubmit: (job) => {
        logJob(job, logger);
        if (!job.hasEnded) this.#keepHistory(job);
      },
      workforce: this.#workforce,
      run: (job, workers) => trainJob(job, this.#trainPorts(workers)).finally(() => this.#served.delete(job.id)),
    });
    this.#metrics.countJobsWith(() => this.#queue.jobs.counts());
    this.#metrics.countWantedWith(() => this.#queue.workersWanted());
    this.#metrics.queue.countNamespacesWith(() => this.#queue.byNamespaces());
    tellOfWorkers(this.#registry, logger, this.#tracing);
  }

  /** Listens, and goes on with what the store holds. @throws LockstepError naming what cannot be had */
  async start(): Promise<Listening> {
    const { host, port, metricsPort, dashboard = true, dashboardUrl = null } = this.#config;
    let areAllKnown = true;
    const records = await this.#store.takeOver((path, why) => {
      areAllKnown = false;
      this.#logger.error({ path, why }, 'a job is lost');
    });
    // Jobs that go on have their data: a process for the next job must not take time from their start.
    const goesOn = records.some((record) => !isTerminal(phaseOf(record)));
    this.#preparation = this.#config.preparation ?? (goesOn ? null : this.#startPreparation());
    this.#addServices();
    const boundPort = await this.#server.listen(host, port);
    this.#http = await startHttpServer(host, metricsPort, {
      registry: this.#metrics.registry,
      isReady: () => this.#http !== null,
      gate: this.#gate,
      dashboard: dashboard ? this.#shown() : null,
      proxy: dashboardUrl,
    });
    if (dashboard && dashboardUrl && this.#gate.isOpen) this.#logger.warn({ dashboard: dashboardUrl.href }, OPEN_PROXY);
    this.#server.setServing('', true);
    this.#registry.listen(({ type }) => {
      if (type === 'joined') this.#metrics.workerJoined();
      if (type === 'detached') this.#metrics.workerLost();
      this.#metrics.connectedWorkers(this.#registry.sessions.length);
    });
    this.#queue.restore(records, (job, why) => {
      areAllKnown = false;
      this.#logger.error({ job, why }, 'a job is lost: its spec is refused');
    });
    for (const job of this.#queue.list()) this.#tracing?.writer.follow(job, '');
    if (!this.#config.isTransient) this.#keepWhatCounts(areAllKnown);
    this.#records.start(() => this.#deposed());
    const { address: metricsAddress, dashboardUrl: shownAt } = this.#http;
    const address = `${host.includes(':') ? `[${host}]` : host}:${boundPort}`;
    return { address, metricsAddress, dashboardUrl: shownAt };
  }

  /** Stops the running jobs at their last step, says goodbye to workers, and closes everything. */
  async stop(reason: string): Promise<void> {
    this.#server.setServing('', false);
    const swept = this.#retention?.stop();
    const settled = this.#queue.close(reason);
    this.#registry.close(reason);
    this.#preparation?.dispose();
    await Promise.race([Promise.all([settled, swept]), sleep(LAST_STEP_GRACE_MS, undefined, { ref: false })]);
    await Promise.all([...this.#histories.values()].map((history) => history.settled()));
    this.#tracing?.writer.close(systemClock.unixSeconds());
    const sent = this.#tracing?.close();
    await this.#server.close(STOP_GRACE_MS);
    await this.#http?.close();
    this.#gate.close();
    await Promise.race([this.#records.close(), sleep(STOP_GRACE_MS, undefined, { ref: false })]);
    if (!this.#nats.isClosed()) await this.#nats.close();
    await this.#store.close();
    await sent;
  }

  /** @param areAllKnown whether every job of the store is; what others name must stay */
  #keepWhatCounts(areAllKnown: boolean): void {
    const queue = this.#queue;
    this.#retention = new JobRetention({
      ...{ config: this.#config.retention ?? {}, clock: systemClock, store: this.#store, logger: this.#logger },
      endedJobs: () => queue.jobs.ended(),
      deleteJob: (jobId, why) => queue.delete(jobId, why),
      releaseDeleted: () => this.#records.releaseDeleted(),
      namesUpload: areAllKnown ? (sha256) => queue.jobs.namesUpload(sha256) : null,
    });
    this.#retention.start();
  }

  #keepHistory(job: Job): void {
    const path = this.#store.jobFile(job.id, EVENTS);
    // How it ended was kept then.
    if (job.hasEnded) {
      job.archive(() => loadEvents(path));
      return;
    }
    const history = new JobHistory(job, path, ({ message }) =>
      this.#logger.warn({ job: job.id }, `its events are kept no more: ${message}`),
    );
    this.#histories.set(job.id, history);
    const unfollow = job.follow(() => {
      if (!job.hasEnded) return;
      unfollow();
      void history.settled().then(() => this.#histories.delete(job.id));
    });
  }

  async #deleteRecord(jobId: string): Promise<void> {
    // Its last events come after its end, and nobody may write to its folder any more.
    await this.#histories.get(jobId)?.settled();
    await this.#records.delete(jobId);
    this.#logger.info({ job: jobId }, 'job deleted');
  }

  /** Lets go of every job: another coordinator goes on with them. */
  #deposed(): void {
    this.#server.setServing('', false);
    void this.#retention?.stop();
    void this.#queue.close('another coordinator has taken over');
  }

  #addServices(): void {
    const { server } = this.#server;
    const metrics = this.#metrics;
    const gate = this.#gate;
    const registry = this.#registry;
    const { sharing = {} } = this.#config;
    addJobsService(server, {
      ...{ queue: this.#queue, store: this.#store, gate, sharing },
      onSubmitted: (job, traceparent) => this.#tracing?.writer.follow(job, traceparent),
    });
    addClusterService(server, { registry, workforce: this.#workforce, gate });
    addMembershipService(server, {
      ...{ registry, gate },
      nats: { servers: this.#config.natsServers, access: this.#natsAccess },
      leadershipEpoch: this.#leadershipEpoch,
    });
    addTrainingService(server, { registry, metrics, gate });
    const access = new ShardAccess({
      gate,
      registry,
      worksFor: (worker, job) => this.#workforce.worksFor(worker, job),
    });
    addParametersService(server, { find: (jobId) => this.#served.get(jobId), metrics, access });
    addShardsService(server, { find: (jobId, shard) => this.#served.get(jobId)?.files.get(shard), metrics, access });
  }

  #shown(): Omit<DashboardOptions, 'gate'> {
    return {
      version: VERSION,
      jobs: new JobCalls(this.#queue),
      activityOf: ({ activity }) => activity,
      workers: (caller) => connectedWorkers({ registry: this.#registry, workforce: this.#workforce }, caller),
    };
  }

  #trainPorts(pool: WorkerShare): TrainPorts {
    return {
      clock: systemClock,
      pool,
      metrics: this.#metrics,
      leadershipEpoch: this.#leadershipEpoch,
      broadcast: (jobId) => new ParameterPublisher(this.#nats, { job: jobId }),
      broadcastLogin: (jobId) =>
        this.#natsAccess.account?.user(jobId, { subscribe: [parameterSubject(jobId)], publish: [] }) ?? null,
      memory: this.#memory,
      prepare: (job, signal) => this.#prepare(job, signal),
      serve: (job, data, vectors) => this.#serve(job, data, vectors),
      checkpoints: (job) => new CheckpointFolder(this.#runFile(job, CHECKPOINTS_FOLDER)),
      eventFile: (job) => new EventFolder(this.#runFile(job, EVENTS_FOLDER), systemClock),
      storeModel: (job, model) => this.#store.writeJobFile(job.id, 'model.onnx', model.bytes),
      storeResult: async (job, files) => {
        for (const [name, content] of Object.entries(files)) await this.#store.writeJobFile(job.id, name, content);
      },
    };
  }

  /** What stays of a run besides its result. */
  #runFile(job: Job, name: string): string {
    const { runDirectory } = this.#config;
    return runDirectory === undefined ? this.#store.jobFile(job.id, name) : join(runDirectory, name);
  }

  /** Prepares a job's data, unless that was done before; the first job finds a process that is warm already. */
  async #prepare(job: Job, signal: AbortSignal): Promise<PreparedData> {
    const { spec, resolvedYaml, dataName, dataFiles } = job.submission;
    const files: { path: string; name: string }[] = [];
    for (const { name, sha256 } of dataFiles) files.push({ path: await this.#store.uploadPath(sha256), name });
    await this.#store.writeJobFile(job.id, 'spec.yaml', resolvedYaml);
    const outDirectory = this.#store.jobFile(job.id, PREPARED_FOLDER);
    const request = { files, fileName: dataName, spec, outDirectory };
    const before = await findPrepared(request, signal);
    if (before) return before;
    const preparation = this.#preparation ?? this.#startPreparation();
    this.#preparation = null;
    return preparation.run(request, signal);
  }

  #serve(job: Job, data: PreparedData, vectors: ServedVectors): void {
    const files = new Map<string, string>([['model.onnx', this.#store.jobFile(job.id, 'model.onnx')]]);
    for (const shards of Object.values(data.shards)) for (const { name, path } of shards) files.set(name, path);
    this.#served.set(job.id, { files, ...vectors });
  }
}

function tellOfWorkers(registry: WorkerRegistry, logger: Logger, tracing: Tracing | null): void {
  registry.listen((event) => {
    if (event.type === 'message' || event.type === 'joined') return;
    tracing?.writer.worker(event, systemClock.unixSeconds());
    const { workerId: worker, incarnation } = event.session.key;
    if (event.type === 'attached') logger.info({ worker, incarnation }, 'worker connected');
    else logger.warn({ worker, incarnation, why: event.why }, 'worker lost');
  });
}
