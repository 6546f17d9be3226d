/** Runs a model of ours over a table, batch by batch. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { findDataFiles, type ModelTable, openTable, type PreprocessingPlan, type TableBatch } from '@lockstep/data';
import { createEngine, type EngineSession, type EngineTensor } from '@lockstep/engine';
import { decodeModel } from '@lockstep/model';
import { LockstepError } from '@lockstep/protocol/core';

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
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new LockstepError('MODEL_UNREADABLE', {
      message: `The model ${path} cannot be read.`,
      field: 'MODEL',
      value: path,
      cause,
    });
  });
  const { metadata } = decoded(bytes, path);
  const schema = metadata['lockstep.schema'];
  if (metadata['lockstep.format'] !== '1' || !schema) {
    throw new LockstepError('MODEL_UNREADABLE', {
      message: `${basename(path)} was not written by lockstep.`,
      field: 'MODEL',
      value: path,
    });
  }
  const engine = await createEngine();
  return {
    plan: JSON.parse(schema) as PreprocessingPlan,
    task: metadata['lockstep.task'] as ScoringModel['task'],
    loss: metadata['lockstep.loss'] ?? '',
    labels: JSON.parse(metadata['lockstep.labels'] ?? '[]') as string[],
    session: await engine.createSession(bytes),
  };
}

function decoded(bytes: Uint8Array, path: string): ReturnType<typeof decodeModel> {
  try {
    return decodeModel(bytes);
  } catch (cause) {
    const { code, message } = LockstepError.from(cause);
    throw new LockstepError(code, { message, field: 'MODEL', value: path, cause });
  }
}

/** Opens a table for a model. @throws LockstepError DATA_COLUMN_NOT_FOUND naming an absent column */
export async function openForModel(
  model: ScoringModel,
  path: string,
  options: { readonly keep?: readonly string[]; readonly withLabel?: boolean } = {},
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
