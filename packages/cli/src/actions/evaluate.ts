/** Measures a model on a labelled table. */
import { type EvaluationMetrics, evaluationMetrics } from '@lockstep/coordinator';
import { classReader, type ModelTable } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { type NumberFlags, type ReadingFlags, readingOf } from '../reading-flags.js';
import { openRejects } from '../rejects-output.js';
import { counted } from '../render/counted.js';
import { formatNumber } from '../render/progress.js';
import { averagesLine, confusionTable } from '../render/summary.js';
import { loadModel, openForModel, type ScoringModel, scoreTable } from '../score-table.js';
import { findInput } from '../table-input.js';

/** Smallest probability that a logarithm is taken of, as Keras' epsilon. */
const EPSILON = 1e-7;

/** Options of `lockstep evaluate`. */
export interface EvaluateOptions extends ReadingFlags, NumberFlags {
  /** File for rows that cannot be used. */
  readonly rejects?: string | undefined;
  readonly json?: true | undefined;
}

/** Runs `lockstep evaluate`. @throws LockstepError */
export async function evaluate(modelPath: string, dataPath: string, options: EvaluateOptions): Promise<void> {
  const reading = readingOf(options);
  const model = await loadModel(modelPath, options);
  const input = await findInput(dataPath, modelPath);
  const rejects = options.rejects === undefined ? null : await openRejects(options.rejects, input.paths);
  try {
    const skipTo = rejects ? { skipTo: rejects.sink } : {};
    const table = await openForModel(model, input, { withLabel: true, ...reading, ...skipTo });
    const scored = await scoredRows(model, table);
    // The list says what to mend, also where no row is left.
    await rejects?.keep();
    const { unlabelled, unpredicted } = scored;
    const left: LeftOut = { unlabelled, unpredicted, bad: rejects?.count ?? null, list: options.rejects };
    if (scored.targets.length === 0) throw nothingToMeasure(dataPath, left);
    report(model, scored, left, options.json);
  } finally {
    rejects?.discard();
  }
}

/** Outputs and targets of the rows that are measured on, and counts of those that are not. */
interface ScoredRows {
  readonly outputs: number[];
  readonly targets: number[];
  unlabelled: number;
  unpredicted: number;
}

/** Rows that are not measured on. */
interface LeftOut {
  readonly unlabelled: number;
  readonly unpredicted: number;
  /** Rows that cannot be used; null where they would have been refused. */
  readonly bad: number | null;
  /** File that lists the bad ones. */
  readonly list: string | undefined;
}

async function scoredRows(model: ScoringModel, table: ModelTable): Promise<ScoredRows> {
  const rows: ScoredRows = { outputs: [], targets: [], unlabelled: 0, unpredicted: 0 };
  const targetOf = targetReader(model, table);
  const width = Math.max(1, model.labels.length);
  for await (const { batch, predictions, outputs: scores } of scoreTable(model, table)) {
    for (let row = 0; row < batch.rowCount; row++) {
      const target = targetOf(batch.labels?.[row] ?? null, batch.targets?.[row] ?? Number.NaN, batch.firstRow + row);
      if (target === null) {
        rows.unlabelled++;
        continue;
      }
      if (predictions[row] === null) {
        rows.unpredicted++;
        continue;
      }
      rows.targets.push(target);
      if (model.task === 'binary') rows.outputs.push(scores[row * width + 1]!);
      else for (let at = row * width; at < (row + 1) * width; at++) rows.outputs.push(scores[at]!);
    }
  }
  return rows;
}

function nothingToMeasure(dataPath: string, left: LeftOut): LockstepError {
  const why = [...leftOutLines(left)].map((line) => ` ${capital(line)}.`).join('');
  const message = `${dataPath} has no rows to measure on.${why}`;
  const labels = 'Give a table with labels, and without missing cells where training dropped such rows.';
  const fix = left.bad ? `Mend the rows that ${left.list} lists.` : why ? labels : undefined;
  return new LockstepError('DATA_EMPTY', { message, field: 'DATA', value: dataPath, ...(fix ? { fix } : {}) });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function report(model: ScoringModel, { outputs, targets }: ScoredRows, left: LeftOut, json: true | undefined): void {
  const measured = measure(model, Float32Array.from(outputs), Float32Array.from(targets));
  if (json) {
    const { unlabelled, unpredicted, bad: rejects } = left;
    const found = { state: 'succeeded', rows: targets.length, unlabelled, unpredicted, rejects, ...measured };
    process.stdout.write(`${JSON.stringify(found)}\n`);
    return;
  }
  for (const line of leftOutLines(left)) process.stderr.write(`${line}\n`);
  for (const [name, value] of Object.entries(measured.metrics))
    process.stdout.write(`${name.padEnd(10)} ${formatNumber(value)}\n`);
  if (measured.averages) process.stdout.write(`${averagesLine(measured.averages)}\n`);
  if (measured.confusionMatrix) process.stdout.write(`${confusionTable(measured.confusionMatrix)}\n`);
}

/** Rows that are not measured on, and why. */
function* leftOutLines(counts: LeftOut): Generator<string> {
  if (counts.unlabelled > 0) yield `rows without a usable label, left out: ${counts.unlabelled}`;
  if (counts.unpredicted > 0) yield `rows without a prediction, for a missing cell, left out: ${counts.unpredicted}`;
  if (counts.bad) yield `${counted(counts.bad, 'bad row')} left out: ${counts.list}`;
}

function measure(model: ScoringModel, outputs: Float32Array, targets: Float32Array): EvaluationMetrics {
  const width = model.task === 'multiclass' ? model.labels.length : 1;
  const labels = model.task === 'regression' ? null : model.labels;
  return evaluationMetrics({
    task: model.task,
    outputs,
    targets,
    width,
    labels,
    loss: meanLoss(model, outputs, targets, width),
  });
}

/** Reads targets as training did; null for a row that its rule leaves out. */
function targetReader(
  { task, labels, plan }: ScoringModel,
  { placeOf }: ModelTable,
): (label: string | null, number: number, row: number) => number | null {
  const isNumber = task === 'regression';
  const classOf = classReader(labels, plan.labels);
  return (label, number, row) => {
    // As they were trained on: what float32 cannot hold is no target.
    const value = isNumber ? Math.fround(number) : label === null ? -1 : classOf(label);
    if (isNumber ? Number.isFinite(value) : value >= 0) return value;
    if (plan.labels.onUnusable === 'drop' && (isNumber || label === null)) return null;
    throw new LockstepError('DATA_LABEL', {
      message: `The label ${plan.label}, ${placeOf(row)}: ${label === null ? 'it is missing' : `${JSON.stringify(label)} is ${isNumber ? 'not a number that float32 can hold' : 'not a class of the model'}`}.`,
      field: plan.label,
      value: label ?? '',
      fix: isNumber ? 'Mend the cell.' : `Classes: ${labels.join(', ')}.`,
    });
  };
}

/** Mean loss from probabilities or values, in float64. */
function meanLoss({ task }: ScoringModel, outputs: Float32Array, targets: Float32Array, width: number): number {
  let sum = 0;
  targets.forEach((target, row) => {
    if (task === 'regression') sum += (outputs[row]! - target) ** 2;
    else {
      const share =
        task === 'binary' ? (target === 1 ? outputs[row]! : 1 - outputs[row]!) : outputs[row * width + target]!;
      sum -= Math.log(Math.min(1 - EPSILON, Math.max(EPSILON, share)));
    }
  });
  return targets.length === 0 ? 0 : sum / targets.length;
}
