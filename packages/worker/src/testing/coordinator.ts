/** A coordinator small enough to read: real gRPC, real NATS, one job, commands given by the test. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type * as grpc from '@grpc/grpc-js';
import {
  attribute,
  buildServingGraph,
  encodeModel,
  initializeParameters,
  type ModelPlan,
  planModel,
} from '@lockstep/model';
import {
  connectNats,
  createGrpcServer,
  type EvaluationResult__Output,
  type GetParametersRequest__Output,
  type GradientFrame__Output,
  type HeartbeatRequest__Output,
  type JobPlan,
  type JoinRequest__Output,
  membershipServiceDefinition,
  ParameterPublisher,
  parameterServiceDefinition,
  parameterSubject,
  type ReadShardRequest__Output,
  shardServiceDefinition,
  type TrainRequest__Output,
  type TrainResponse,
  toServiceError,
  trainingServiceDefinition,
} from '@lockstep/protocol';
import {
  encodeShard,
  formatOfNode,
  GRADIENT_FORMATS,
  type GradientFormat,
  LockstepError,
  type Shard,
} from '@lockstep/protocol/core';
import type { LayerSpec } from '@lockstep/spec';
import { onTestFinished } from 'vitest';
import { startNatsServer } from '../../../../test/support/nats-server.js';

const JOB = 'job-1';
/** A raw column may have the name of a column that every shard has. */
const RAW_COLUMNS = ['a', 'b', 'target', 'c', 'weight'];

/** A job's data and model. */
export interface TestJob {
  readonly layers: readonly LayerSpec[];
  readonly featureWidth: number;
  readonly rowCount: number;
  readonly batchSize: number;
  readonly lanes: number;
  /** @default float32 */
  readonly gradients?: GradientFormat['name'] | 'int8';
  /** Rows of each shard. */
  readonly shardRows: number;
}

/** A worker's stream as the coordinator sees it. */
export interface WorkerStream {
  readonly name: string;
  readonly incarnation: number;
  readonly send: (message: TrainResponse) => void;
  readonly received: TrainRequest__Output[];
  readonly ended: Promise<void>;
  /** Cuts the stream without a goodbye. */
  readonly cut: () => void;
}

/** What a range of lanes came to. */
export interface RangeResult {
  readonly first: number;
  readonly end: number;
  readonly gradient: Float32Array;
  readonly sums: NonNullable<GradientFrame__Output['sums']>;
}

/** The coordinator of one test. */
export class TestCoordinator {
  readonly streams: WorkerStream[] = [];
  readonly joins: JoinRequest__Output[] = [];
  readonly heartbeats: HeartbeatRequest__Output[] = [];
  readonly parameters: Float32Array;
  readonly model: ModelPlan;
  readonly plan: JobPlan;
  /** Requests for parameters that the broadcast did not bring. */
  refetches = 0;
  /** GetParameters answers after this. */
  holdParameters: Promise<void> = Promise.resolve();
  refuseJoin: LockstepError | null = null;
  files: Map<string, Uint8Array>;
  port = 0;
  #publisher: ParameterPublisher | null = null;
  #digest = 0;
  #natsAddress = '';
  #incarnation = 0;
  #server = createGrpcServer();
  #watchers = new Set<() => void>();

  constructor(job: TestJob) {
    this.model = planModel({
      layers: job.layers,
      loss: 'binaryCrossEntropy',
      featureWidth: job.featureWidth,
      outputWidth: 1,
    });
    this.parameters = initializeParameters(this.model, 42);
    this.files = new Map();
    const shards = this.#makeShards(job);
    this.plan = {
      jobId: JOB,
      leadershipEpoch: 1,
      trainingGraph: encodeModel(this.model.trainingGraph),
      evaluationGraph: encodeModel(this.model.evaluationGraph),
      layout: {
        elementCount: this.model.layout.elementCount,
        tensors: this.model.layout.tensors.map(({ name, shape, start, trainable }) => ({
          ...{ name, trainable, startElement: start },
          shape: [...shape],
        })),
      },
      masks: this.model.masks.map((mask) => ({ ...mask })),
      seed: 42,
      batchSize: job.batchSize,
      lanes: job.lanes,
      threadsPerLane: 1,
      trainRows: job.rowCount,
      featureWidth: job.featureWidth,
      trainShards: shards,
      validationShards: shards,
      testPreparedShards: shards,
      testShards: this.#makeRawShards(job),
      task: 'binary',
      outputWidth: 1,
      parameterSubject: parameterSubject(JOB),
      evaluationChunkRows: 8,
      sampler: 'v1',
      outputIsLogits: this.model.outputIsLogits,
      gradients: job.gradients ?? 'float32',
    };
  }

  /** Starts gRPC and NATS. @param port of an earlier coordinator, to play its restart */
  async start(port = 0): Promise<void> {
    const nats = await startNatsServer();
    this.#natsAddress = nats.address;
    const connection = await connectNats({ servers: [nats.address], name: 'coordinator' });
    this.#publisher = new ParameterPublisher(connection, { job: JOB });
    this.#addServices(this.#server.server);
    this.port = await this.#server.listen('127.0.0.1', port);
    onTestFinished(async () => {
      await this.#server.close(0);
      await connection.close();
    });
  }

  /** Ends at once, without a goodbye. */
  stop(): Promise<void> {
    return this.#server.close(0);
  }

  /** Broadcasts the parameters as a version. */
  async publish(version: number): Promise<void> {
    this.#digest = (await this.#publisher?.publish(1, version, this.parameters))?.digest ?? 0;
  }

  /** Commands lanes of step 0 at a version. */
  command(stream: WorkerStream, lanes: number[], { step = 0, version = 0 } = {}): void {
    const { incarnation } = stream;
    stream.send({
      step: {
        ...{ jobId: JOB, leadershipEpoch: 1, incarnation, step, attempt: 1, version, lanes, timeoutMs: 5_000 },
        ...{ parameterDigest: this.#digest, epoch: 0, stepInEpoch: step },
      },
    });
  }

  /** Commands an evaluation. */
  evaluate(stream: WorkerStream, source: 'VALIDATION' | 'TEST', chunks: number[], modelSha256 = ''): void {
    stream.send({
      evaluate: {
        ...{ jobId: JOB, leadershipEpoch: 1, incarnation: stream.incarnation, evaluationId: 1, version: 0 },
        ...{
          source: `EVALUATION_SOURCE_${source}`,
          parameterDigest: this.#digest,
          chunks,
          modelSha256,
          timeoutMs: 5_000,
        },
      },
    });
  }

  /** Waits until a condition over what arrived holds. */
  async until<Value>(find: () => Value | undefined | null | false): Promise<Value> {
    for (;;) {
      const found = find();
      if (found !== undefined && found !== null && found !== false) return found;
      await new Promise<void>((resolve) => {
        this.#watchers.add(resolve);
      });
    }
  }

  /** The next worker that has said hello; sends it the plan and waits until it is ready. */
  async ready(index: number): Promise<WorkerStream> {
    const stream = await this.until(() => this.streams[index]);
    stream.send({ jobPlan: this.plan });
    const answer = await this.until(() => stream.received.find((message) => message.jobReady)?.jobReady);
    if (answer.failure) throw new Error(`${answer.failure.code}: ${answer.failure.message}`);
    return stream;
  }

  /** Results of the ranges of lanes that a worker has sent wholly. */
  ranges(stream: WorkerStream): RangeResult[] {
    const results: RangeResult[] = [];
    let gradient = new Float32Array(this.model.layout.elementCount);
    for (const { gradient: frame } of stream.received) {
      if (!frame) continue;
      const { lanes = 0, gradients } = this.plan;
      const range = { first: frame.firstLane, end: frame.endLane };
      const format = formatOfNode(GRADIENT_FORMATS[gradients as GradientFormat['name']], range, lanes);
      const end = frame.startElement + frame.data.length / format.elementBytes;
      format.decode(frame.data, gradient.subarray(frame.startElement, end));
      if (!frame.sums) continue;
      results.push({ first: frame.firstLane, end: frame.endLane, gradient, sums: frame.sums });
      gradient = new Float32Array(gradient.length);
    }
    return results;
  }

  /** Evaluation results a worker has sent. */
  evaluations(stream: WorkerStream): EvaluationResult__Output[] {
    return stream.received.flatMap((message) => (message.evaluation ? [message.evaluation] : []));
  }

  /** Adds a file that ReadShard serves. @returns its SHA-256 */
  addFile(name: string, bytes: Uint8Array): string {
    this.files.set(name, bytes);
    return createHash('sha256').update(bytes).digest('hex');
  }

  /** Exports the parameters as model.onnx. @returns its SHA-256 */
  exportModel(job: TestJob): string {
    const graph = buildServingGraph({
      ...{ layers: job.layers, loss: 'binaryCrossEntropy', layout: this.model.layout, parameters: this.parameters },
      ...{ task: 'binary', labels: ['no', 'yes'], featureWidth: job.featureWidth },
      preprocessing: (builder) => {
        const inputs = RAW_COLUMNS.map((name) => builder.input(name, 'float64', ['N', 1]));
        const all = builder.node('Concat', inputs, { axis: attribute.int(1) });
        return builder.node('Cast', [all], { to: attribute.int(1) });
      },
    });
    return this.addFile('model.onnx', encodeModel(graph));
  }

  #makeShards(job: TestJob): NonNullable<JobPlan['trainShards']> {
    const shards: NonNullable<JobPlan['trainShards']> = [];
    for (let firstRow = 0; firstRow < job.rowCount; firstRow += job.shardRows) {
      const rowCount = Math.min(job.shardRows, job.rowCount - firstRow);
      const bytes = encodeShard(shardOf(firstRow, rowCount, job.featureWidth), crc32);
      const name = `train-${firstRow}`;
      shards.push({ name, firstRow, rowCount, bytes: bytes.length, sha256: this.addFile(name, bytes) });
    }
    return shards;
  }

  #makeRawShards(job: TestJob): NonNullable<JobPlan['testShards']> {
    const { columns, rowCount } = shardOf(0, job.rowCount, job.featureWidth);
    const features = columns[0]?.data as Float32Array;
    const raw = RAW_COLUMNS.map((name, index) => ({
      ...{ name: `raw/${name}`, type: 'float64' as const, width: 1 },
      data: Float64Array.from({ length: rowCount }, (_, row) => features[row * job.featureWidth + index] as number),
    }));
    const bytes = encodeShard({ rowCount, columns: [...columns.slice(1), ...raw] }, crc32);
    return [{ name: 'test-raw', firstRow: 0, rowCount, bytes: bytes.length, sha256: this.addFile('test-raw', bytes) }];
  }

  #changed(): void {
    const watchers = [...this.#watchers];
    this.#watchers.clear();
    for (const watcher of watchers) watcher();
  }

  #addServices(server: grpc.Server): void {
    server.addService(membershipServiceDefinition, {
      Join: (call: grpc.ServerUnaryCall<JoinRequest__Output, object>, callback: grpc.sendUnaryData<object>) => {
        if (this.refuseJoin) return callback(toServiceError(this.refuseJoin));
        this.joins.push(call.request);
        callback(null, {
          ...{ workerId: call.request.workerName, incarnation: ++this.#incarnation, leadershipEpoch: 1 },
          ...{ heartbeatIntervalMs: 20, nats: { servers: [this.#natsAddress] } },
        });
      },
      Heartbeat: (
        call: grpc.ServerUnaryCall<HeartbeatRequest__Output, object>,
        callback: grpc.sendUnaryData<object>,
      ) => {
        this.heartbeats.push(call.request);
        callback(null, { leadershipEpoch: 1 });
        this.#changed();
      },
    });
    server.addService(trainingServiceDefinition, {
      Train: (call: grpc.ServerDuplexStream<TrainRequest__Output, TrainResponse>) => this.#train(call),
    });
    server.addService(parameterServiceDefinition, {
      GetParameters: async (call: grpc.ServerWritableStream<GetParametersRequest__Output, object>) => {
        this.refetches++;
        await this.holdParameters;
        for (const { start, end } of call.request.ranges) {
          const data = Buffer.from(this.parameters.buffer, this.parameters.byteOffset + start * 4, (end - start) * 4);
          call.write({ version: call.request.version, startElement: start, data });
        }
        call.end();
      },
      GetResidual: (call: grpc.ServerWritableStream<object, object>) => call.end(),
    });
    server.addService(shardServiceDefinition, {
      ReadShard: (call: grpc.ServerWritableStream<ReadShardRequest__Output, object>) => {
        const bytes = this.files.get(call.request.shard);
        if (!bytes) return void call.emit('error', toServiceError(new LockstepError('JOB_NOT_FOUND')));
        for (let offset = 0; offset < bytes.length; offset += 1_000) {
          call.write({ offset, totalBytes: bytes.length, data: bytes.subarray(offset, offset + 1_000) });
        }
        call.end();
      },
    });
  }

  #train(call: grpc.ServerDuplexStream<TrainRequest__Output, TrainResponse>): void {
    const received: TrainRequest__Output[] = [];
    const ended = new Promise<void>((resolve) => {
      call.on('end', () => {
        call.end();
        resolve();
      });
      call.on('cancelled', resolve);
    });
    call.on('error', () => {});
    call.on('data', (message: TrainRequest__Output) => {
      if (message.hello) {
        call.write({ welcome: { leadershipEpoch: 1 } });
        this.streams.push({
          ...{ name: message.hello.workerId, incarnation: message.hello.incarnation, received, ended },
          send: (response) => void call.write(response),
          cut: () => void call.emit('error', toServiceError(new LockstepError('SERVER_UNREACHABLE'))),
        });
      } else received.push(message);
      this.#changed();
    });
  }
}

/** Rows that differ from each other, with targets that can be learned. */
function shardOf(firstRow: number, rowCount: number, width: number): Shard {
  const value = (row: number, column: number): number => Math.fround(((row * 7 + column * 13) % 29) / 29 - 0.5);
  const rows = Array.from({ length: rowCount }, (_, index) => firstRow + index);
  const features = rows.flatMap((row) => Array.from({ length: width }, (_, column) => value(row, column)));
  return {
    rowCount,
    columns: [
      { name: 'features', type: 'float32', width, data: Float32Array.from(features) },
      {
        name: 'target',
        type: 'float32',
        width: 1,
        data: Float32Array.from(rows, (row) => (value(row, 0) > 0 ? 1 : 0)),
      },
      { name: 'weight', type: 'float32', width: 1, data: Float32Array.from(rows, (row) => 1 + (row % 3)) },
    ],
  };
}
