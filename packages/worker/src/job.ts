/** Everything a worker holds for one job: loaded graphs, memory, data and the parameter broadcast. */
import { isDeepStrictEqual } from 'node:util';
import type { Engine } from '@lockstep/engine';
import {
  type HostAnswer,
  type HostOffer__Output,
  type JobPlan__Output,
  letHeapGrowFor,
  machineMemoryBytes,
} from '@lockstep/protocol';
import {
  checkVectorMemory,
  GRADIENT_FORMATS,
  type GradientFormat,
  gradientFormat,
  type LaneCodec,
  LockstepError,
  laneCodec,
  type ParameterLayout,
  SAMPLER_V1,
} from '@lockstep/protocol/core';
import type { HostLink } from './adapters/host-link.js';
import type { LanePorts } from './compute-lane.js';
import { readLayout } from './core/layout.js';
import { Sampler } from './core/sampler.js';
import type { Scoring } from './core/sums.js';
import type { EvaluationPorts } from './evaluate-chunks.js';
import { EvaluationGraph } from './evaluation-graph.js';
import { GradientFrames } from './gradient-frames.js';
import { GradientPool } from './gradient-pool.js';
import { CONCURRENT_SHARD_READS } from './limits.js';
import type { Clock, ParameterSource, ShardSource } from './ports.js';
import { Replicas } from './replicas.js';
import { type ReadResidual, Residuals } from './residuals.js';
import { RowReader } from './row-reader.js';
import { TestModel } from './test-model.js';
import { TrainingGraph } from './training-graph.js';

/** What a job is prepared with. */
export interface JobPorts {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly shards: ShardSource;
  /** Subscribes to the plan's broadcast; two buffers of the layout's length. */
  readonly subscribe: (
    plan: JobPlan__Output,
    layout: ParameterLayout,
    buffers: readonly [Float32Array, Float32Array],
  ) => Received;
  /** Maps the memory that a plan offers. @returns why not, where it cannot */
  readonly openHost: (offer: HostOffer__Output, layout: ParameterLayout) => Promise<HostLink | LockstepError>;
  /** Reads what lanes of the plan were handed out with. */
  readonly residuals: (plan: JobPlan__Output) => ReadResidual;
  readonly onPhase: LanePorts['onPhase'];
  /** Lanes that are computed at once. */
  readonly replicas: number;
}

type Received = ParameterSource & { readonly opened: Promise<void>; close(): void };

/** How gradients of a plan are added up and sent. */
interface Gradients {
  readonly format: GradientFormat;
  /** Of lanes; null where all of a gradient is sent. */
  readonly codec: LaneCodec | null;
}

/** A job that is ready to compute lanes and evaluation chunks. */
export class Job {
  readonly plan: JobPlan__Output;
  readonly lanes: LanePorts;
  readonly evaluation: EvaluationPorts;
  /** Answer to the plan's offer of shared memory. */
  readonly hostAnswer: HostAnswer | undefined;
  readonly #host: HostLink | null;
  readonly #subscribe: () => Received;
  #received: Received | null = null;
  readonly #replicas: Replicas;
  readonly #evaluation: EvaluationGraph;
  readonly #engine: Engine;
  readonly #shards: ShardSource;
  #testModel: TestModel | null = null;

  private constructor(
    plan: JobPlan__Output,
    layout: ParameterLayout,
    graphs: { replicas: Replicas; evaluation: EvaluationGraph; gradients: Gradients },
    ports: JobPorts,
    host: HostLink | LockstepError | null,
  ) {
    const { engine, clock, shards, onPhase } = ports;
    const scoring: Scoring = {
      task: plan.task,
      outputWidth: plan.outputWidth,
      scoresAreLogits: plan.outputIsLogits,
    };
    const buffer = (): Float32Array => engine.allocate('float32', layout.elementCount);
    this.#subscribe = () => ports.subscribe(plan, layout, [buffer(), buffer()]);
    this.hostAnswer = host instanceof LockstepError ? { refusal: host.message } : host?.answer;
    this.#host = host instanceof LockstepError ? null : host;
    // Versions that are broadcast before the first command must not be missed.
    if (!this.#host) this.#received = this.#subscribe();
    const parameters = (isHost: boolean): ParameterSource => this.#parameters(isHost);
    const reader = (infos: JobPlan__Output['trainShards']): RowReader =>
      new RowReader(infos, shards, plan.featureWidth);
    const { elementCount } = layout;
    const { codec } = graphs.gradients;
    const checkLanes = (lanes: number): void => checkMemory(layout, graphs.gradients, ports, lanes);
    this.plan = plan;
    this.#engine = engine;
    this.#shards = shards;
    this.#replicas = graphs.replicas;
    this.#evaluation = graphs.evaluation;
    this.lanes = {
      ...{ clock, parameters, scoring, onPhase },
      sampler: new Sampler({ seed: plan.seed, rowCount: plan.trainRows, batchSize: plan.batchSize }),
      rows: reader(plan.trainShards),
      replicas: graphs.replicas,
      gradients: new GradientPool(engine, layout.elementCount, this.#host?.slots),
      frames: new GradientFrames(graphs.gradients, elementCount, plan.lanes),
      residuals: codec && new Residuals({ codec, elementCount, read: ports.residuals(plan), checkMemory: checkLanes }),
      laneCount: plan.lanes,
    };
    this.evaluation = {
      ...{ parameters, scoring },
      evaluation: graphs.evaluation,
      validation: reader(plan.validationShards),
      testPrepared: reader(plan.testPreparedShards),
      testModel: (sha256) => this.#loadTestModel(sha256),
      chunkRows: plan.evaluationChunkRows,
    };
  }

  /**
   * Loads graphs, takes memory and starts to listen.
   * @param previous the same job under an earlier connection: closed, and its graphs used again where the plan is the same
   * @throws LockstepError PROTOCOL_VIOLATION, LIMIT_EXCEEDED, ENGINE_LOAD_FAILED
   */
  static async prepare(plan: JobPlan__Output, ports: JobPorts, previous?: Job): Promise<Job> {
    const layout = readLayout(plan.layout);
    const gradients = check(plan, layout);
    checkMemory(layout, gradients, ports, 1);
    letHeapGrowFor(layout.elementCount);
    if (previous && isSameWork(previous.plan, plan)) {
      previous.#unlink();
      await previous.#testModel?.release();
      const graphs = { replicas: previous.#replicas, evaluation: previous.#evaluation, gradients };
      return new Job(plan, layout, graphs, ports, await openHost(plan, layout, ports));
    }
    await previous?.release();
    const load = (): Promise<TrainingGraph> => TrainingGraph.load(ports.engine, plan, layout);
    const replicas = new Replicas(await Promise.all(Array.from({ length: ports.replicas }, load)));
    const evaluation = await EvaluationGraph.load(ports.engine, plan, layout);
    return new Job(plan, layout, { replicas, evaluation, gradients }, ports, await openHost(plan, layout, ports));
  }

  /** Listens, and reads training shards ahead, as far as memory allows, so that the first steps don't wait for them. */
  async warmUp(): Promise<void> {
    await this.#received?.opened;
    const next = this.plan.trainShards.values();
    const read = async (): Promise<void> => {
      for (const shard of next) if (this.#shards.hasRoom(shard.bytes)) await this.#shards.read(shard);
    };
    await Promise.all(Array.from({ length: CONCURRENT_SHARD_READS }, read));
  }

  /** Frees what the job holds. No run may be in flight. */
  async release(): Promise<void> {
    this.#unlink();
    for (const training of this.#replicas.all) await training.release();
    await this.#evaluation.release();
    await this.#testModel?.release();
  }

  #parameters(isHost: boolean): ParameterSource {
    if (isHost && this.#host) return this.#host.parameters;
    if (isHost) throw new LockstepError('PROTOCOL_VIOLATION', { message: 'This worker shares no memory.' });
    this.#received ??= this.#subscribe();
    return this.#received;
  }

  #unlink(): void {
    this.#host?.close();
    this.#received?.close();
  }

  async #loadTestModel(sha256: string): Promise<TestModel> {
    if (this.#testModel?.sha256 !== sha256) {
      await this.#testModel?.release();
      this.#testModel = await TestModel.load(this.#engine, this.plan, this.#shards, sha256);
    }
    return this.#testModel;
  }
}

function isSameWork(left: JobPlan__Output, right: JobPlan__Output): boolean {
  const own = { leadershipEpoch: 0, host: null, natsLogin: null };
  return isDeepStrictEqual({ ...left, ...own }, { ...right, ...own });
}

async function openHost(
  { host }: JobPlan__Output,
  layout: ParameterLayout,
  ports: JobPorts,
): Promise<HostLink | LockstepError | null> {
  return host ? ports.openHost(host, layout) : null;
}

/** @param lanes that have residuals, where any have. @throws LockstepError LIMIT_EXCEEDED */
function checkMemory(
  { elementCount }: ParameterLayout,
  { codec }: Gradients,
  { replicas }: JobPorts,
  lanes: number,
): void {
  checkVectorMemory({
    ...{ process: 'A worker', elementCount, memoryBytes: machineMemoryBytes() },
    // Two versions; a sum and gradients that are added to it.
    vectors: { parameters: 2, gradient: 1 + replicas, ...(codec ? { residual: 2 * lanes } : {}) },
  });
}

/** @returns how its gradients are sent. @throws LockstepError PROTOCOL_VIOLATION */
function check(plan: JobPlan__Output, { elementCount }: ParameterLayout): Gradients {
  const codec = laneCodec({ name: plan.gradients, fraction: plan.topKFraction }, elementCount);
  const format = codec ? GRADIENT_FORMATS.float32 : gradientFormat(plan.gradients);
  const faults = [
    plan.sampler === SAMPLER_V1 ? '' : `sampler "${plan.sampler}" is unknown`,
    ['binary', 'multiclass', 'regression'].includes(plan.task) ? '' : `task "${plan.task}" is unknown`,
    plan.lanes > 0 && plan.batchSize > 0 && plan.outputWidth > 0 && plan.evaluationChunkRows > 0 ? '' : 'a size is 0',
    format ? '' : `gradients "${plan.gradients}" are unknown`,
  ].filter((fault) => fault !== '');
  if (faults.length > 0 || !format) {
    throw new LockstepError('PROTOCOL_VIOLATION', { message: `The job's plan cannot be taken: ${faults.join('; ')}.` });
  }
  return { format, codec };
}
