/** A real coordinator with a real nats-server for one test, its data prepared in this process. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { runPreparation } from '@lockstep/data';
import {
  type AccessOptions,
  channelOptions,
  clientCredentials,
  fromServiceError,
  type Job__Output,
  type JobEvent__Output,
  JobServiceClient,
  type NatsAccessPaths,
  readAccess,
  type SubmitJobRequest,
  type UploadDataRequest,
  type UploadDataResponse__Output,
  unary,
  type WatchJobResponse__Output,
} from '@lockstep/protocol';
import { type Logger, pino } from 'pino';
import { onTestFinished } from 'vitest';
import { startNatsServer } from '../../../../test/support/nats-server.js';
import type { SecurityConfig } from '../config.js';
import { Coordinator, type CoordinatorPorts } from '../coordinator.js';
import type { OpenBucket } from '../records/job-records.js';
import type { SharingConfig } from '../sharing.js';

/** 40 rows of two numbers and a class. */
export const CSV = `a,b,y\n${Array.from({ length: 40 }, (_, row) => `${row},${(row * 7) % 5},${row % 2}`).join('\n')}\n`;

/** A small job on {@link CSV}: 32 training rows in batches of 10, so the last batch leaves lanes empty-handed never. */
export const SPEC = `
name: small
data: {path: data.csv, label: y}
split: {test: 0.2, seed: 1}
model:
  - dense: {units: 3, activation: relu}
  - dense: {units: 1, activation: sigmoid}
train: {loss: binaryCrossEntropy, optimizer: adam, epochs: 3, batchSize: 10, seed: 7, lanes: 4}
run: {workers: 2}
`;

/** What a test may say of its coordinator. */
export interface RunningOptions {
  readonly checkpoints?: true;
  /** Store of an earlier one. @default a new one */
  readonly storeDirectory?: string;
  /** @default a new nats-server */
  readonly nats?: string;
  readonly natsAccess?: NatsAccessPaths;
  readonly logger?: Logger;
  readonly dashboardUrl?: URL;
  /** @default '127.0.0.1' */
  readonly host?: string;
  readonly security?: SecurityConfig;
  readonly sharing?: SharingConfig;
  /** How the client of the test shows who it is. */
  readonly access?: AccessOptions;
  readonly openBucket?: OpenBucket;
  /** @default this machine's */
  readonly memory?: CoordinatorPorts['memory'];
  readonly tracing?: CoordinatorPorts['tracing'];
  /** Told of each preparation of data. */
  readonly onPrepare?: () => void;
}

/** A coordinator and a client of it. */
export class RunningCoordinator {
  readonly address: string;
  readonly metricsAddress: string;
  readonly storeDirectory: string;
  readonly client: JobServiceClient;
  readonly #coordinator: Coordinator;

  private constructor(
    coordinator: Coordinator,
    { address, metricsAddress }: { address: string; metricsAddress: string },
    storeDirectory: string,
    client: JobServiceClient,
  ) {
    this.#coordinator = coordinator;
    this.address = address;
    this.metricsAddress = metricsAddress;
    this.storeDirectory = storeDirectory;
    this.client = client;
  }

  /** Starts everything; it is gone when the test is over. */
  static async start(options: RunningOptions = {}): Promise<RunningCoordinator> {
    const storeDirectory = options.storeDirectory ?? (await mkdtemp(join(tmpdir(), 'lockstep-test-')));
    if (!options.storeDirectory) onTestFinished(() => rm(storeDirectory, { recursive: true, force: true }));
    const nats = options.nats ?? (await startNatsServer()).address;
    const logLevel = process.env.LOCKSTEP_TEST_LOG ?? 'silent';
    const { host = '127.0.0.1', security = {}, sharing = {}, dashboardUrl = null } = options;
    const config = { host, security, sharing, dashboardUrl, port: 0, metricsPort: 0, storeDirectory, logLevel };
    const more = options.checkpoints ? { runDirectory: join(storeDirectory, 'run') } : {};
    const coordinator = await Coordinator.open(
      { ...config, ...more, natsServers: [nats], natsAccess: options.natsAccess ?? {} },
      options.logger ?? pino({ level: logLevel }),
      {
        prepare: () => ({
          run: (request) => {
            options.onPrepare?.();
            return runPreparation(request);
          },
          dispose: () => {},
        }),
        ...(options.openBucket ? { openBucket: options.openBucket } : {}),
        ...(options.memory ? { memory: options.memory } : {}),
        ...(options.tracing ? { tracing: options.tracing } : {}),
      },
    );
    const listening = await coordinator.start();
    const client = await jobsClient(listening.address, options.access);
    const running = new RunningCoordinator(coordinator, listening, storeDirectory, client);
    onTestFinished(() => running.stop());
    return running;
  }

  /** Folder of checkpoints, where they were asked for. */
  get checkpointDirectory(): string {
    return join(this.storeDirectory, 'run', 'checkpoints');
  }

  async stop(): Promise<void> {
    this.client.close();
    await this.#coordinator.stop('the test is over');
  }

  /** Calls a unary method. @throws LockstepError */
  call<Response>(
    method: string,
    request: object,
    client = this.client,
    metadata = new grpc.Metadata(),
  ): Promise<Response> {
    return unary(client, method, request, { deadlineMs: 5_000, metadata });
  }

  /** Sends messages of one upload. @throws LockstepError */
  upload(messages: readonly UploadDataRequest[], client = this.client): Promise<UploadDataResponse__Output> {
    return new Promise((resolve, reject) => {
      const call = client.uploadData((error, response) => {
        if (error) reject(fromServiceError(error));
        else resolve(response as UploadDataResponse__Output);
      });
      for (const message of messages) call.write(message);
      call.end();
    });
  }

  /** Uploads the data and submits the job. */
  async submit(
    spec = SPEC,
    { traceparent, ...more }: Partial<SubmitJobRequest> & { readonly traceparent?: string } = {},
    client = this.client,
  ): Promise<Job__Output> {
    const data = Buffer.from(CSV);
    const sha256 = sha256Of(data);
    await this.upload([{ sha256, totalBytes: data.length, offset: 0, data, fileName: 'data.csv' }], client);
    const request = { spec, uploads: { 'data.csv': sha256 }, ...more };
    const metadata = new grpc.Metadata();
    if (traceparent) metadata.set('traceparent', traceparent);
    const { job } = await this.call<{ job: Job__Output }>('submitJob', request, client, metadata);
    return job;
  }

  async job(jobId: string): Promise<Job__Output> {
    return (await this.call<{ job: Job__Output }>('getJob', { jobId })).job;
  }

  /** Events of a job from `afterSequence`, to its end or until one fulfils a condition. */
  async events(
    jobId: string,
    until: (event: JobEvent__Output) => boolean = () => false,
    afterSequence = 0,
  ): Promise<JobEvent__Output[]> {
    const events: JobEvent__Output[] = [];
    const stream = this.client.watchJob({ jobId, afterSequence });
    for await (const { event } of stream as AsyncIterable<WatchJobResponse__Output>) {
      if (!event) continue;
      events.push(event);
      if (until(event)) break;
    }
    return events;
  }

  /** The job once it has ended. */
  async ended(jobId: string): Promise<Job__Output> {
    await this.events(jobId);
    return this.job(jobId);
  }

  /** The text of /metrics. */
  async metrics(): Promise<string> {
    return (await fetch(`http://${this.metricsAddress}/metrics`)).text();
  }
}

/** A client of a coordinator; the test closes it. */
export async function jobsClient(address: string, options: AccessOptions = {}): Promise<JobServiceClient> {
  const access = await readAccess(address, options);
  return new JobServiceClient(address, clientCredentials(access), channelOptions(access));
}

/** SHA-256, hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
