/** Runs a model of ours over a table, batch by batch. */
import { basename } from 'node:path';
import {
  findDataFiles,
  type ModelTable,
  openTable,
  type PreprocessingPlan,
  type ReadingOptions,
  type RejectSink,
  type TableBatch,
} from '@lockstep/data';
import { createEngine, type EngineSession, type EngineTensor } from '@lockstep/engine';
import { readModelFile } from './model-file.js';

/** A loaded model.onnx. */
export interface ScoringModel {
  readonly plan: PreprocessingPlan;
  readonly task: 'binary' | 'multiclass' | 'regression';
  readonly loss: string;
  /** Class names in the order of the probabilities; empty for a regression. */
  readonly labels: readonly string[];
  readonly session: EngineSession;
}

/** Predictions of one batch. */
export interface ScoredBatch {
  readonly batch: TableBatch;
  /** Original label, or value, per row. */
  readonly predictions: readonly string[];
  /** Row-major [rows, classes]; null for a regression. */
  readonly probabilities: Float32Array | null;
  /** Values of a regression; null for a classification. */
  readonly values: Float32Array | null;
}

/** Loads a model. @throws LockstepError MODEL_UNREADABLE */
export async function loadModel(path: string): Promise<ScoringModel> {
  const { bytes, plan, task, loss, labels } = await readModelFile(path);
  const engine = await createEngine();
  return { plan, task, loss, labels, session: await engine.createSession(bytes) };
}

/** Opens a table for a model. @throws LockstepError DATA_COLUMN_NOT_FOUND naming an absent column */
export async function openForModel(
  model: ScoringModel,
  path: string,
  options: ReadingOptions & {
    readonly keep?: readonly string[];
    readonly withLabel?: boolean;
    readonly skipTo?: RejectSink;
  } = {},
): Promise<ModelTable> {
  const name = basename(path);
  const files = await findDataFiles({ given: path, from: process.cwd(), name });
  return openTable({ files, fileName: name, plan: model.plan, ...options });
}

/** Scores every batch in order. */
export async function* scoreTable(model: ScoringModel, table: ModelTable): AsyncGenerator<ScoredBatch> {
  for await (const batch of table.batches()) {
    const feeds: Record<string, EngineTensor> = {};
    for (const [name, values] of batch.columns) {
      const shape = [batch.rowCount, 1];
      feeds[name] =
        values instanceof Float64Array
          ? { type: 'float64', shape, data: values }
          : { type: 'string', shape, data: values };
    }
    const isRegression = model.task === 'regression';
    const outputs = await model.session.run(
      feeds,
      isRegression ? { prediction: null } : { prediction: null, probabilities: null },
    );
    const predictions = Array.from(outputs.prediction?.data ?? [], String);
    yield {
      batch,
      predictions,
      probabilities: isRegression ? null : (outputs.probabilities?.data as Float32Array),
      values: isRegression ? (outputs.prediction?.data as Float32Array) : null,
    };
  }
}
