/** Runs the exported model.onnx on raw test rows, as anyone who uses the model will. */
import type { Engine, EngineSession, EngineTensor, EngineValueInfo } from '@lockstep/engine';
import type { JobPlan__Output, ShardInfo__Output } from '@lockstep/protocol';
import { LockstepError, type ShardColumn } from '@lockstep/protocol/core';
import { groupByShard } from './core/shard-index.js';
import type { ShardSource } from './ports.js';
import { rowRange } from './row-reader.js';

/** The job's exported model, loaded. */
export class TestModel {
  /** SHA-256 of the file. */
  readonly sha256: string;
  readonly #session: EngineSession;
  readonly #plan: JobPlan__Output;
  readonly #source: ShardSource;
  readonly #numbers = new Map<string, Float64Array>();

  private constructor(
    engine: Engine,
    session: EngineSession,
    plan: JobPlan__Output,
    source: ShardSource,
    sha256: string,
  ) {
    this.sha256 = sha256;
    this.#session = session;
    this.#plan = plan;
    this.#source = source;
    for (const input of session.inputs) {
      if (input.type === 'float64') this.#numbers.set(input.name, engine.allocate('float64', plan.evaluationChunkRows));
    }
  }

  /** Reads the model through the shard service and loads it. @throws LockstepError ENGINE_LOAD_FAILED */
  static async load(engine: Engine, plan: JobPlan__Output, source: ShardSource, sha256: string): Promise<TestModel> {
    const bytes = await source.readFile('model.onnx', sha256);
    const session = await engine.createSession(bytes, { threads: plan.threadsPerLane });
    return new TestModel(engine, session, plan, source, sha256);
  }

  /** Row-major [rows, output width] of test rows start to end - 1: probabilities (of class 1 for binary) or values. */
  async run(start: number, end: number): Promise<Float32Array> {
    const feeds = await this.#feeds(start, end);
    const output = this.#plan.task === 'regression' ? 'prediction' : 'probabilities';
    const results = await this.#session.run(feeds, { [output]: null });
    const data = results[output]?.data;
    if (!(data instanceof Float32Array || data instanceof Float64Array)) {
      throw new LockstepError('ENGINE_RUN_FAILED', { message: `The model's output ${output} is not of floats.` });
    }
    if (this.#plan.task !== 'binary') return Float32Array.from(data);
    const classes = data.length / (end - start);
    return Float32Array.from({ length: end - start }, (_, row) => data[row * classes + classes - 1] as number);
  }

  /** Frees the model. */
  release(): Promise<void> {
    return this.#session.release();
  }

  async #feeds(start: number, end: number): Promise<Record<string, EngineTensor>> {
    const rows = rowRange(start, end);
    const shape = [rows.length, 1];
    const texts = new Map<string, string[]>();
    for (const input of this.#session.inputs) {
      if (input.type === 'string') texts.set(input.name, new Array<string>(rows.length).fill(''));
    }
    for (const [index, positions] of groupByShard(this.#plan.testShards, rows)) {
      const info = this.#plan.testShards[index] as ShardInfo__Output;
      const shard = await this.#source.read(info);
      for (const input of this.#session.inputs) {
        const column = columnOf(shard.columns, input);
        const into = (column.type === 'string' ? texts : this.#numbers).get(input.name) as Record<number, unknown>;
        for (const position of positions) into[position] = column.data[(rows[position] as number) - info.firstRow];
      }
    }
    const feeds: Record<string, EngineTensor> = {};
    for (const [name, data] of texts) feeds[name] = { type: 'string', shape, data };
    for (const [name, data] of this.#numbers)
      feeds[name] = { type: 'float64', shape, data: data.subarray(0, rows.length) };
    return feeds;
  }
}

/** A column of the raw table; its prefix keeps a feature called "target" or "weight" apart from the shard's own. */
function columnOf(columns: readonly ShardColumn[], { name, type }: EngineValueInfo): ShardColumn {
  const column = columns.find((candidate) => candidate.name === `raw/${name}` && candidate.type === type);
  if (!column || column.type === 'float32') {
    const message = `The test rows have no ${type} column for the model's input "${name}".`;
    throw new LockstepError('PROTOCOL_VIOLATION', { message });
  }
  return column;
}
