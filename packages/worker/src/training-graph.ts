/** Runs the graph that computes losses and gradients, in place in memory made once. */
import type { Engine, EngineSession, EngineTensor } from '@lockstep/engine';
import type { JobPlan__Output } from '@lockstep/protocol';
import { type ParameterLayout, tensorView } from '@lockstep/protocol/core';
import { BatchMemory, matrix } from './batch-memory.js';
import { fillMask } from './core/masks.js';
import type { RowResults } from './core/sums.js';

/** The tensors of runs over the same memory. */
interface RunViews {
  readonly parameters: Float32Array;
  readonly gradient: Float32Array;
  readonly rows: number;
  readonly feeds: Readonly<Record<string, EngineTensor>>;
  readonly fetches: Readonly<Record<string, EngineTensor>>;
  readonly results: RowResults;
}

/** Runs whose tensors are kept: two versions of the parameters, a few gradients, full lanes and ragged ones. */
const MAX_VIEWS = 16;

/** A loaded training graph with the memory of one lane. */
export class TrainingGraph {
  /** Rows of the lane to compute next. */
  readonly batch: BatchMemory;
  readonly #session: EngineSession;
  readonly #plan: JobPlan__Output;
  readonly #layout: ParameterLayout;
  readonly #masks: readonly Float32Array[];
  readonly #rowLoss: Float32Array;
  readonly #scores: Float32Array;
  /** Newest first. */
  readonly #known: RunViews[] = [];

  private constructor(engine: Engine, session: EngineSession, plan: JobPlan__Output, layout: ParameterLayout) {
    const maxRows = Math.max(1, Math.ceil(Math.min(plan.batchSize, plan.trainRows) / plan.lanes));
    this.batch = new BatchMemory(engine, maxRows, plan.featureWidth);
    this.#session = session;
    this.#plan = plan;
    this.#layout = layout;
    this.#masks = plan.masks.map((mask) => engine.allocate('float32', maxRows * mask.width));
    this.#rowLoss = engine.allocate('float32', maxRows);
    this.#scores = engine.allocate('float32', maxRows * plan.outputWidth);
  }

  /** Loads the plan's training graph. @throws LockstepError ENGINE_LOAD_FAILED */
  static async load(engine: Engine, plan: JobPlan__Output, layout: ParameterLayout): Promise<TrainingGraph> {
    const session = await engine.createSession(plan.trainingGraph, { threads: plan.threadsPerLane });
    return new TrainingGraph(engine, session, plan, layout);
  }

  /** Makes the dropout masks of a lane that starts at `firstRow` of the global batch. */
  fillMasks(step: number, firstRow: number, rowCount: number): void {
    this.#plan.masks.forEach(({ layer, width, rate }, index) => {
      const request = { seed: this.#plan.seed, step, layer, width, rate, firstRow, rowCount };
      fillMask(request, this.#masks[index] as Float32Array);
    });
  }

  /**
   * Computes the first `rows` rows of {@link batch}.
   * @param gradient flat vector, written in place at the layout's offsets
   * @returns views that the next run overwrites
   */
  async run(parameters: Float32Array, rows: number, gradient: Float32Array): Promise<RowResults> {
    const { feeds, fetches, results } = this.#views(parameters, rows, gradient);
    await this.#session.run(feeds, fetches);
    return results;
  }

  /** The tensors of a run. Few vectors come again and again, with one number of rows or two. */
  #views(parameters: Float32Array, rows: number, gradient: Float32Array): RunViews {
    const known = this.#known.find(
      (views) => views.parameters === parameters && views.gradient === gradient && views.rows === rows,
    );
    if (known) return known;
    const views = { parameters, rows, gradient, ...this.#makeViews(parameters, rows, gradient) };
    this.#known.unshift(views);
    if (this.#known.length > MAX_VIEWS) this.#known.pop();
    return views;
  }

  #makeViews(parameters: Float32Array, rows: number, gradient: Float32Array) {
    const feeds = { ...this.batch.feeds(rows), ...parameterFeeds(parameters, this.#layout) };
    this.#plan.masks.forEach(({ input, width }, index) => {
      feeds[input] = matrix(this.#masks[index] as Float32Array, rows, width);
    });
    const rowLoss = this.#rowLoss.subarray(0, rows);
    const scores = matrix(this.#scores, rows, this.#plan.outputWidth);
    const fetches: Record<string, EngineTensor> = {
      rowLoss: { type: 'float32', shape: [rows], data: rowLoss },
      scores,
    };
    for (const tensor of this.#layout.tensors) {
      if (!tensor.trainable) continue;
      const data = tensorView(gradient, tensor);
      fetches[`gradient/${tensor.name}`] = { type: 'float32', shape: tensor.shape, data };
    }
    const { target, weight } = this.batch;
    return { feeds, fetches, results: { rowLoss, scores: scores.data as Float32Array, target, weight } };
  }

  /** Frees the graph. */
  release(): Promise<void> {
    return this.#session.release();
  }
}

/** Every parameter as a graph input over its place in the flat vector. */
export function parameterFeeds(parameters: Float32Array, layout: ParameterLayout): Record<string, EngineTensor> {
  const feeds: Record<string, EngineTensor> = {};
  for (const tensor of layout.tensors) {
    feeds[tensor.name] = { type: 'float32', shape: tensor.shape, data: tensorView(parameters, tensor) };
  }
  return feeds;
}
