/** Runs the forward graph on chunks of rows. */
import type { Engine, EngineSession } from '@lockstep/engine';
import type { JobPlan__Output } from '@lockstep/protocol';
import type { ParameterLayout } from '@lockstep/protocol/core';
import { BatchMemory, matrix } from './batch-memory.js';
import type { RowResults } from './core/sums.js';
import { parameterFeeds } from './training-graph.js';

/** Results of one chunk; probabilities are [rows, outputWidth], for regression the values. */
export interface EvaluationResults extends RowResults {
  readonly probabilities: Float32Array;
}

/** A loaded evaluation graph with the memory of one chunk. */
export class EvaluationGraph {
  /** Rows of the chunk to compute next. */
  readonly batch: BatchMemory;
  readonly #session: EngineSession;
  readonly #plan: JobPlan__Output;
  readonly #layout: ParameterLayout;
  readonly #rowLoss: Float32Array;
  readonly #scores: Float32Array;
  readonly #probabilities: Float32Array;

  private constructor(engine: Engine, session: EngineSession, plan: JobPlan__Output, layout: ParameterLayout) {
    const maxRows = plan.evaluationChunkRows;
    this.batch = new BatchMemory(engine, maxRows, plan.featureWidth);
    this.#session = session;
    this.#plan = plan;
    this.#layout = layout;
    this.#rowLoss = engine.allocate('float32', maxRows);
    this.#scores = engine.allocate('float32', maxRows * plan.outputWidth);
    this.#probabilities = engine.allocate('float32', maxRows * plan.outputWidth);
  }

  /** Loads the plan's evaluation graph. @throws LockstepError ENGINE_LOAD_FAILED */
  static async load(engine: Engine, plan: JobPlan__Output, layout: ParameterLayout): Promise<EvaluationGraph> {
    const session = await engine.createSession(plan.evaluationGraph, { threads: plan.threadsPerLane });
    return new EvaluationGraph(engine, session, plan, layout);
  }

  /** Computes the first `rows` rows of {@link batch}. @returns views that the next run overwrites */
  async run(parameters: Float32Array, rows: number): Promise<EvaluationResults> {
    const all = { ...this.batch.feeds(rows), ...parameterFeeds(parameters, this.#layout) };
    // The graph takes no weights: they only enter the sums.
    const feeds = Object.fromEntries(
      this.#session.inputs.flatMap(({ name }) => (all[name] ? [[name, all[name]]] : [])),
    );
    const rowLoss = this.#rowLoss.subarray(0, rows);
    const scores = matrix(this.#scores, rows, this.#plan.outputWidth);
    const probabilities = matrix(this.#probabilities, rows, this.#plan.outputWidth);
    await this.#session.run(feeds, {
      rowLoss: { type: 'float32', shape: [rows], data: rowLoss },
      scores,
      probabilities,
    });
    const { target, weight } = this.batch;
    return {
      rowLoss,
      target,
      weight,
      scores: scores.data as Float32Array,
      probabilities: probabilities.data as Float32Array,
    };
  }

  /** Frees the graph. */
  release(): Promise<void> {
    return this.#session.release();
  }
}
