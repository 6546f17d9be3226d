/** A worker small enough to read: real gRPC and NATS, arithmetic instead of an engine, and faults on demand. */
import { randomUUID } from 'node:crypto';
import type * as grpc from '@grpc/grpc-js';
import {
  type Activity,
  channelOptions,
  clientCredentials,
  connectNats,
  type EvaluateCommand__Output,
  type GetParametersResponse__Output,
  type JobPlan__Output,
  type JoinResponse__Output,
  MembershipServiceClient,
  type NatsConnection,
  type NatsUser,
  ParameterReceiver,
  ParameterServiceClient,
  type StepCommand__Output,
  TrainingServiceClient,
  type TrainRequest,
  type TrainResponse__Output,
  unary,
} from '@lockstep/protocol';
import {
  addFloat32,
  alignedRanges,
  frameRanges,
  isEmptyLane,
  type LaneRange,
  LockstepError,
} from '@lockstep/protocol/core';
import { onTestFinished } from 'vitest';
import { LaneCodes } from './lane-codes.js';

/** What a worker does with a command instead of obeying it. */
export type Fault = 'die' | 'silence' | 'fail' | 'garbage' | 'late';

/** Milliseconds after which a worker that is late answers. */
const LATE_MS = 400;

/** How a worker behaves. */
export interface TestWorkerOptions {
  readonly numericClass?: string;
  /** Asked for each step command. */
  readonly fault?: (command: StepCommand__Output) => Fault | null;
  /** Whether it never answers an evaluation; it stays alive all the same. */
  readonly neverEvaluates?: (command: EvaluateCommand__Output) => boolean;
  /** Asked for each lane: makes its gradient or loss a number that is not finite. */
  readonly spoil?: (step: number, lane: number) => 'gradient' | 'loss' | null;
  /** Mean loss of the validation rows at a version. */
  readonly validationLoss?: (version: number) => number;
  /** Waited for before a gradient is sent. */
  readonly hold?: (command: StepCommand__Output) => Promise<void> | null;
  /** Failure that answers every plan. */
  readonly refuse?: { readonly code: string; readonly message: string };
}

/** A joined worker. */
export class TestWorker {
  readonly commands: StepCommand__Output[] = [];
  readonly received: TrainResponse__Output[] = [];
  /** Settles when the coordinator has ended the stream. */
  readonly ended: Promise<void>;
  incarnation = 0;
  /** As whom it was told to connect to NATS; null where it was told nothing. */
  readonly natsLogin: NatsUser | null;
  readonly #address: string;
  readonly #options: TestWorkerOptions;
  readonly #stream: grpc.ClientDuplexStream<TrainRequest, TrainResponse__Output>;
  readonly #membership: MembershipServiceClient;
  readonly #nats: NatsConnection;
  readonly #heartbeats: NodeJS.Timeout;
  /** What its heartbeats tell. */
  #activity: Activity | null = null;
  #plan: JobPlan__Output | null = null;
  #receiver: ParameterReceiver | null = null;
  /** Null where lanes travel as vectors. */
  #codes: LaneCodes | null = null;

  private constructor(
    address: string,
    joined: JoinResponse__Output,
    membership: MembershipServiceClient,
    nats: NatsConnection,
    options: TestWorkerOptions,
  ) {
    this.#address = address;
    this.#options = options;
    this.#membership = membership;
    this.#nats = nats;
    this.incarnation = joined.incarnation;
    this.natsLogin = joined.nats?.login ?? null;
    const { workerId, incarnation } = joined;
    this.#stream = new TrainingServiceClient(address, clientCredentials(), {
      channelOverride: membership.getChannel(),
    }).train();
    this.ended = new Promise((resolve) => {
      this.#stream.on('end', resolve);
      this.#stream.on('error', () => resolve());
    });
    this.#stream.on('data', (message: TrainResponse__Output) => {
      this.received.push(message);
      void this.#obey(message);
    });
    this.#heartbeats = setInterval(() => {
      const beat = { workerId, incarnation, busyMs: 0, activity: this.#activity };
      unary(membership, 'heartbeat', beat, { deadlineMs: 2_000 }).catch(() => {});
    }, 500);
    this.send({ hello: { workerId, incarnation } });
  }

  /** Joins a coordinator; leaves without a goodbye when the test is over. */
  static async join(address: string, workerName: string, options: TestWorkerOptions = {}): Promise<TestWorker> {
    const membership = new MembershipServiceClient(address, clientCredentials(), channelOptions());
    const engine = { name: 'onnxruntime', numericClass: options.numericClass ?? 'arithmetic', reproducible: true };
    const request = { workerName, engine, processNonce: randomUUID() };
    const joined: JoinResponse__Output = await unary(membership, 'join', request, { deadlineMs: 5_000 });
    const { servers = [], login } = joined.nats ?? {};
    const nats = await connectNats({ servers, ...(login ? { account: login } : {}), name: workerName });
    const worker = new TestWorker(address, joined, membership, nats, options);
    onTestFinished(() => worker.die());
    return worker;
  }

  send(message: TrainRequest): void {
    this.#stream.write(message);
  }

  /** Cuts every connection at once. */
  async die(): Promise<void> {
    clearInterval(this.#heartbeats);
    this.#stream.cancel();
    this.#membership.close();
    await this.#nats.close();
  }

  async #obey(message: TrainResponse__Output): Promise<void> {
    if (message.jobPlan) await this.#prepare(message.jobPlan);
    else if (message.step) await this.#compute(message.step);
    else if (message.evaluate) await this.#evaluate(message.evaluate);
    else if (message.residual)
      for (const residual of this.#codes?.tell(message.residual) ?? []) this.send({ residual });
  }

  async #prepare(plan: JobPlan__Output): Promise<void> {
    const { jobId } = plan;
    if (this.#options.refuse) {
      this.send({ jobReady: { jobId, failure: { ...this.#options.refuse, field: '', value: '', fix: '' } } });
      return;
    }
    this.#plan = plan;
    this.#receiver?.close();
    const elementCount = plan.layout?.elementCount ?? 0;
    const parameters = new ParameterServiceClient(this.#address, clientCredentials(), {
      channelOverride: this.#membership.getChannel(),
    });
    this.#codes = LaneCodes.of(plan, parameters);
    this.#receiver = new ParameterReceiver(this.#nats, {
      ...{ job: jobId, subject: plan.parameterSubject, elementCount },
      ...(plan.natsLogin ? { user: plan.natsLogin } : {}),
      buffers: [new Float32Array(elementCount), new Float32Array(elementCount)],
      async refetch({ leadershipEpoch, version }, ranges, fill) {
        const stream = parameters.getParameters({ jobId, leadershipEpoch, version, ranges: [...ranges] });
        for await (const piece of stream as AsyncIterable<GetParametersResponse__Output>) {
          fill(piece.startElement, piece.data);
        }
      },
    });
    await this.#receiver.opened;
    this.send({ jobReady: { jobId } });
  }

  async #compute(command: StepCommand__Output): Promise<void> {
    this.commands.push(command);
    const { jobId, step, lanes } = command;
    this.#activity = { ...{ jobId, step, lanes }, phase: 'compute', phaseMs: 0 };
    const fault = this.#options.fault?.(command) ?? null;
    const head = headOf(command);
    if (fault === 'die') await this.die();
    if (fault === 'fail') {
      const failure = { code: 'ENGINE_RUN_FAILED', message: 'no', field: '', value: '', fix: '' };
      this.send({ laneFailed: { ...head, lanes: command.lanes, failure } });
    }
    if (fault === 'garbage') this.send({ gradient: { ...head, firstLane: 0, endLane: 3, data: Buffer.alloc(4) } });
    if ((fault !== null && fault !== 'late') || !this.#plan || !this.#receiver) return;
    const { leadershipEpoch, version, parameterDigest: digest } = command;
    // Others were faster where the version is gone.
    const wanted = this.#receiver.whenComplete({ leadershipEpoch, version, digest }, 10_000).catch(LockstepError.from);
    const parameters = await wanted;
    if (parameters instanceof LockstepError) {
      const { code, message: why, field, value, fix } = parameters;
      const failure = { code, message: why, field, value, fix };
      return this.send({ laneFailed: { ...head, lanes: command.lanes, failure } });
    }
    await this.#options.hold?.(command);
    if (fault === 'late') await new Promise((resolve) => setTimeout(resolve, LATE_MS));
    const { lanes: laneCount, batchSize, trainRows } = this.#plan;
    const rows = Math.min(batchSize, trainRows - command.stepInEpoch * batchSize);
    const ranges = alignedRanges(command.lanes, laneCount, (lane) => isEmptyLane(lane, laneCount, rows));
    if (this.#codes) for (const lane of command.lanes) await this.#sendCodes(command, lane, parameters, this.#codes);
    else for (const range of ranges) this.#sendRange(command, range, parameters);
    this.#activity = null;
  }

  async #sendCodes(
    command: StepCommand__Output,
    lane: number,
    parameters: Float32Array,
    codes: LaneCodes,
  ): Promise<void> {
    const data = await codes.encode(command, lane, gradientOf(parameters, command.step, lane));
    const sums = { denominator: 1, loss: 0.5, metric: 1, rows: 1 };
    this.send({ gradient: { ...headOf(command), firstLane: lane, endLane: lane + 1, startElement: 0, data, sums } });
  }

  #sendRange(command: StepCommand__Output, range: LaneRange, parameters: Float32Array): void {
    const lanes = command.lanes.filter((lane) => lane >= range.first && lane < range.end);
    const spoilt = (what: 'gradient' | 'loss') => (lane: number) => this.#options.spoil?.(command.step, lane) === what;
    const gradient = sumOf(lanes.map((lane) => gradientOf(parameters, command.step, lane)));
    if (lanes.some(spoilt('gradient'))) gradient[1] = Number.POSITIVE_INFINITY;
    const loss = lanes.some(spoilt('loss')) ? Number.NaN : lanes.length * 0.5;
    const frames = frameRanges(gradient.length, 4);
    frames.forEach(({ start, end }, index) => {
      const data = Buffer.from(gradient.buffer, start * 4, (end - start) * 4);
      const sums = { denominator: lanes.length, loss, metric: lanes.length, rows: lanes.length };
      this.send({
        gradient: {
          ...{ ...headOf(command), firstLane: range.first, endLane: range.end, startElement: start, data },
          ...(index === frames.length - 1 ? { sums } : {}),
        },
      });
    });
  }

  async #evaluate(command: EvaluateCommand__Output): Promise<void> {
    const plan = this.#plan;
    if (!plan || this.#options.neverEvaluates?.(command)) return;
    const isTest = command.source === 'EVALUATION_SOURCE_TEST';
    const shards = isTest ? plan.testPreparedShards : plan.validationShards;
    const total = shards.reduce((sum, shard) => sum + shard.rowCount, 0);
    const chunks = command.chunks.map((chunk) => {
      const rows = Math.min(plan.evaluationChunkRows, total - chunk * plan.evaluationChunkRows);
      const outputs = Buffer.from(new Float32Array(isTest ? rows * plan.outputWidth : 0).fill(0.25).buffer);
      const targets = Buffer.alloc(isTest ? rows * 4 : 0);
      const mean = isTest ? 0.25 : (this.#options.validationLoss?.(command.version) ?? 0.25);
      return { chunk, rows, weight: rows, loss: rows * mean, metric: rows, outputs, targets, difference: 0 };
    });
    const { jobId, leadershipEpoch, incarnation, evaluationId, version } = command;
    this.send({ evaluation: { jobId, leadershipEpoch, incarnation, evaluationId, version, chunks } });
  }
}

function headOf({ jobId, leadershipEpoch, incarnation, step, attempt, version }: StepCommand__Output) {
  return { jobId, leadershipEpoch, incarnation, step, attempt, version };
}

/** A gradient that differs in every step, lane and element, and follows the parameters. */
function gradientOf(parameters: Float32Array, step: number, lane: number): Float32Array {
  return parameters.map(
    (value, index) => value * 0.1 + Math.fround(((index * 7 + step * 3 + lane * 11) % 13) / 13 - 0.4),
  );
}

/** The fixed tree over an aligned range, as every worker sums it. */
function sumOf(gradients: readonly Float32Array[]): Float32Array {
  if (gradients.length === 1) return gradients[0] as Float32Array;
  const half = 2 ** Math.floor(Math.log2(gradients.length - 1));
  return addFloat32(sumOf(gradients.slice(0, half)), sumOf(gradients.slice(half)));
}
