/** Runs a model of ours over a table, batch by batch. */
import {
  type ModelTable,
  openTable,
  type PreprocessingPlan,
  type ReadingOptions,
  type TableBatch,
  type TableRequest,
} from '@lockstep/data';
import { createEngine, type EngineSession, type EngineTensor } from '@lockstep/engine';
import { readModelFile } from './model-file.js';
import { type NumberFlags, numbersOf } from './reading-flags.js';
import type { TableInput } from './table-input.js';

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
  /** Original label, or value, per row; null where a cell that training never had missing is. */
  readonly predictions: readonly (string | number | null)[];
  /** Row-major [rows, classes], or values of a regression [rows]; NaN where there is no prediction. */
  readonly outputs: Float32Array;
}

/**
 * Loads a model.
 * @param written how the table writes its numbers, where not as the training data did
 * @throws LockstepError MODEL_NOT_FOUND, MODEL_UNREADABLE, USAGE
 */
export async function loadModel(path: string, written: NumberFlags = {}): Promise<ScoringModel> {
  const { bytes, plan, task, loss, labels } = await readModelFile(path);
  const numbers = numbersOf(written, plan.numbers);
  const engine = await createEngine();
  return { plan: withNumbers(plan, numbers), task, loss, labels, session: await engine.createSession(bytes) };
}

/** A plan for a table that writes its numbers in another way: model.onnx takes them as float64. */
function withNumbers(plan: PreprocessingPlan, numbers: PreprocessingPlan['numbers']): PreprocessingPlan {
  const columns = plan.columns.map((column) =>
    column.type === 'number' && column.format.type === 'number'
      ? { ...column, format: { ...column.format, ...numbers } }
      : column,
  );
  return { ...plan, numbers, columns };
}

/** Opens a table for a model. @throws LockstepError DATA_COLUMN_NOT_FOUND naming an absent column */
export async function openForModel(
  model: ScoringModel,
  { files, name }: TableInput,
  options: ReadingOptions & Pick<TableRequest, 'keep' | 'withLabel' | 'skipTo'> = {},
): Promise<ModelTable> {
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
    const { prediction, probabilities } = await model.session.run(
      feeds,
      isRegression ? { prediction: null } : { prediction: null, probabilities: null },
    );
    const outputs = (isRegression ? prediction : probabilities)?.data as Float32Array;
    const width = outputs.length / batch.rowCount;
    const answers = Array.from<unknown, string | number>(prediction?.data ?? [], isRegression ? Number : String);
    const predictions = answers.map((answer, row) => (Number.isNaN(outputs[row * width]) ? null : answer));
    yield { batch, predictions, outputs };
  }
}
