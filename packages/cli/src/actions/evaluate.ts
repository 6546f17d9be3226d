/** Measures a model on a labelled table. */
import { type EvaluationMetrics, evaluationMetrics } from '@lockstep/coordinator';
import { classReader, type ModelTable } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { type ReadingFlags, readingOf } from '../reading-flags.js';
import { formatNumber } from '../render/progress.js';
import { averagesLine, confusionTable } from '../render/summary.js';
import { loadModel, openForModel, type ScoringModel, scoreTable } from '../score-table.js';

/** Smallest probability that a logarithm is taken of, as Keras' epsilon. */
const EPSILON = 1e-7;

/** Runs `lockstep evaluate`. @throws LockstepError */
export async function evaluate(
  modelPath: string,
  dataPath: string,
  options: ReadingFlags & { readonly json?: true | undefined },
): Promise<void> {
  const model = await loadModel(modelPath);
  const table = await openForModel(model, dataPath, { withLabel: true, ...readingOf(options) });
  const outputs: number[] = [];
  const targets: number[] = [];
  let unlabelled = 0;
  const targetOf = targetReader(model, table);
  for await (const { batch, probabilities, values } of scoreTable(model, table)) {
    const scores = values ?? probabilities ?? new Float32Array();
    const width = Math.max(1, model.labels.length);
    for (let row = 0; row < batch.rowCount; row++) {
      const target = targetOf(batch.labels?.[row] ?? null, batch.targets?.[row] ?? Number.NaN, batch.firstRow + row);
      if (target === null) {
        unlabelled++;
        continue;
      }
      targets.push(target);
      if (model.task === 'binary') outputs.push(scores[row * width + 1]!);
      else outputs.push(...scores.subarray(row * width, (row + 1) * width));
    }
  }
  if (targets.length === 0) {
    const context = { field: 'DATA', value: dataPath };
    throw new LockstepError('DATA_EMPTY', { message: `${dataPath} has no rows to measure on.`, ...context });
  }
  const measured = measure(model, Float32Array.from(outputs), Float32Array.from(targets));
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ state: 'succeeded', rows: targets.length, unlabelled, ...measured })}\n`);
    return;
  }
  if (unlabelled > 0) process.stderr.write(`rows without a usable label, left out: ${unlabelled}\n`);
  for (const [name, value] of Object.entries(measured.metrics))
    process.stdout.write(`${name.padEnd(10)} ${formatNumber(value)}\n`);
  if (measured.averages) process.stdout.write(`${averagesLine(measured.averages)}\n`);
  if (measured.confusionMatrix) process.stdout.write(`${confusionTable(measured.confusionMatrix)}\n`);
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
    const value = isNumber ? number : label === null ? -1 : classOf(label);
    if (isNumber ? Number.isFinite(value) : value >= 0) return value;
    if (plan.labels.onUnusable === 'drop' && (isNumber || label === null)) return null;
    throw new LockstepError('DATA_LABEL', {
      message: `The label ${plan.label}, ${placeOf(row)}: ${label === null ? 'it is missing' : `${JSON.stringify(label)} is ${isNumber ? 'not a number' : 'not a class of the model'}`}.`,
      field: plan.label,
      value: String(label),
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
