/** Everything a worker holds for one job: loaded graphs, memory, data and the parameter broadcast. */
import { isDeepStrictEqual } from 'node:util';
import type { Engine } from '@lockstep/engine';
import { type JobPlan__Output, machineMemoryBytes } from '@lockstep/protocol';
import { checkVectorMemory, LockstepError, type ParameterLayout, SAMPLER_V1 } from '@lockstep/protocol/core';
import type { LanePorts } from './compute-lane.js';
import { readLayout } from './core/layout.js';
import { Sampler } from './core/sampler.js';
import type { Scoring } from './core/sums.js';
import type { EvaluationPorts } from './evaluate-chunks.js';
import { EvaluationGraph } from './evaluation-graph.js';
import { GradientPool } from './gradient-pool.js';
import { CONCURRENT_SHARD_READS } from './limits.js';
import type { Clock, ParameterSource, ShardSource } from './ports.js';
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
  ) => ParameterSource & { close(): void };
  readonly onPhase: LanePorts['onPhase'];
}

/** A job that is ready to compute lanes and evaluation chunks. */
export class Job {
  readonly plan: JobPlan__Output;
  readonly lanes: LanePorts;
  readonly evaluation: EvaluationPorts;
  readonly #parameters: ParameterSource & { close(): void };
  readonly #training: TrainingGraph;
  readonly #evaluation: EvaluationGraph;
  readonly #engine: Engine;
  readonly #shards: ShardSource;
  #testModel: TestModel | null = null;

  private constructor(
    plan: JobPlan__Output,
    layout: ParameterLayout,
    graphs: { training: TrainingGraph; evaluation: EvaluationGraph },
    ports: JobPorts,
  ) {
    const { engine, clock, shards, onPhase } = ports;
    const scoring: Scoring = {
      task: plan.task,
      outputWidth: plan.outputWidth,
      scoresAreLogits: plan.outputIsLogits,
    };
    const buffer = (): Float32Array => engine.allocate('float32', layout.elementCount);
    const parameters = ports.subscribe(plan, layout, [buffer(), buffer()]);
    const reader = (infos: JobPlan__Output['trainShards']): RowReader =>
      new RowReader(infos, shards, plan.featureWidth);
    this.plan = plan;
    this.#engine = engine;
    this.#shards = shards;
    this.#parameters = parameters;
    this.#training = graphs.training;
    this.#evaluation = graphs.evaluation;
    this.lanes = {
      ...{ clock, parameters, scoring, onPhase },
      sampler: new Sampler({ seed: plan.seed, rowCount: plan.trainRows, batchSize: plan.batchSize }),
      rows: reader(plan.trainShards),
      training: graphs.training,
      gradients: new GradientPool(engine, layout.elementCount),
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
    check(plan);
    const layout = readLayout(plan.layout);
    checkVectorMemory({
      ...{ process: 'A worker', elementCount: layout.elementCount, memoryBytes: machineMemoryBytes() },
      // Two versions; a sum and a gradient that is added to it.
      vectors: { parameters: 2, gradient: 2 },
    });
    if (previous && isSameWork(previous.plan, plan)) {
      previous.#parameters.close();
      await previous.#testModel?.release();
      return new Job(plan, layout, { training: previous.#training, evaluation: previous.#evaluation }, ports);
    }
    await previous?.release();
    const training = await TrainingGraph.load(ports.engine, plan, layout);
    const evaluation = await EvaluationGraph.load(ports.engine, plan, layout);
    return new Job(plan, layout, { training, evaluation }, ports);
  }

  /** Reads training shards ahead, as far as memory allows, so that the first steps don't wait for them. */
  async warmUp(): Promise<void> {
    const next = this.plan.trainShards.values();
    const read = async (): Promise<void> => {
      for (const shard of next) if (this.#shards.hasRoom(shard.bytes)) await this.#shards.read(shard);
    };
    await Promise.all(Array.from({ length: CONCURRENT_SHARD_READS }, read));
  }

  /** Frees what the job holds. No run may be in flight. */
  async release(): Promise<void> {
    this.#parameters.close();
    await this.#training.release();
    await this.#evaluation.release();
    await this.#testModel?.release();
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
  return isDeepStrictEqual({ ...left, leadershipEpoch: 0 }, { ...right, leadershipEpoch: 0 });
}

function check(plan: JobPlan__Output): void {
  const faults = [
    plan.sampler === SAMPLER_V1 ? '' : `sampler "${plan.sampler}" is unknown`,
    ['binary', 'multiclass', 'regression'].includes(plan.task) ? '' : `task "${plan.task}" is unknown`,
    plan.lanes > 0 && plan.batchSize > 0 && plan.outputWidth > 0 && plan.evaluationChunkRows > 0 ? '' : 'a size is 0',
  ].filter((fault) => fault !== '');
  if (faults.length > 0) {
    throw new LockstepError('PROTOCOL_VIOLATION', { message: `The job's plan cannot be taken: ${faults.join('; ')}.` });
  }
}
