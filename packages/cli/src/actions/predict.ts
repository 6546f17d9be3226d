/** Scores a table and writes the predictions as CSV. */
import { resolve } from 'node:path';
import type { ModelTable } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { refuseOwnInput, writeOutputFile, writeTo } from '../output-file.js';
import { loadModel, openForModel, type ScoredBatch, type ScoringModel, scoreTable } from '../score-table.js';

/** Options of `lockstep predict`. */
export interface PredictOptions {
  readonly out?: string | undefined;
  readonly keep?: string | undefined;
  readonly json?: true | undefined;
}

const MAX_NAMED_UNKNOWN = 5;

/** What was scored so far. */
interface Counts {
  rows: number;
  /** Cells with a category that training did not see. */
  unknown: number;
}

/** Runs `lockstep predict`. @throws LockstepError; no file is left then */
export async function predict(modelPath: string, dataPath: string, options: PredictOptions): Promise<void> {
  if (options.json && !options.out) {
    throw new LockstepError('USAGE', {
      message: '--json needs --out, since predictions go to stdout without it.',
      field: '--json',
      fix: 'Add --out FILE.',
    });
  }
  const out = options.out ? resolve(options.out) : null;
  if (out) await refuseOwnInput(out, [modelPath, dataPath]);
  const keep = [...new Set(options.keep?.split(',').filter(Boolean))];
  const model = await loadModel(modelPath);
  const table = await openForModel(model, dataPath, { keep });
  const ignored = table.ignored.filter((name) => !keep.includes(name));
  if (ignored.length > 0) process.stderr.write(`ignored columns: ${ignored.join(', ')}\n`);
  const counts: Counts = { rows: 0, unknown: 0 };
  const lines = predictionLines(model, table, keep, counts);
  try {
    if (out) await writeOutputFile(out, encoded(lines));
    else await writeTo(process.stdout, lines);
  } finally {
    table.close();
  }
  const { rows, unknown } = counts;
  if (options.json)
    process.stdout.write(`${JSON.stringify({ state: 'succeeded', rows, ignored, unknownCategories: unknown, out })}\n`);
  else if (out) process.stderr.write(`${rows} rows scored: ${out}\n`);
}

/** The header, then the lines of each batch. */
async function* predictionLines(
  model: ScoringModel,
  table: ModelTable,
  keep: readonly string[],
  counts: Counts,
): AsyncGenerator<string> {
  yield csvLine([...keep, 'prediction', ...probabilityColumns(model), ...(hasText(model) ? ['unknown'] : [])]);
  for await (const scored of scoreTable(model, table)) {
    yield batchText(model, scored, keep);
    counts.rows += scored.batch.rowCount;
    counts.unknown += noteUnknown(scored, counts.unknown);
  }
}

async function* encoded(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of lines) yield Buffer.from(text);
}

function hasText(model: ScoringModel): boolean {
  return model.plan.columns.some(({ type }) => type === 'text');
}

function probabilityColumns({ task, labels }: ScoringModel): string[] {
  if (task === 'binary') return ['probability'];
  return task === 'multiclass' ? labels.map((label) => `probability_${label}`) : [];
}

function batchText(
  model: ScoringModel,
  { batch, predictions, probabilities }: ScoredBatch,
  keep: readonly string[],
): string {
  const unknownRows = new Map<number, string[]>();
  for (const { row, column } of batch.unknown) unknownRows.set(row, [...(unknownRows.get(row) ?? []), column]);
  const width = model.labels.length;
  return predictions
    .map((prediction, row) => {
      const kept = keep.map((name) => batch.kept.get(name)?.[row] ?? '');
      const shares = probabilities ? Array.from(probabilities.subarray(row * width, (row + 1) * width), String) : [];
      const shown = model.task === 'binary' ? shares.slice(1) : shares;
      const marks = hasText(model) ? [(unknownRows.get(batch.firstRow + row) ?? []).join(' ')] : [];
      return csvLine([...kept, prediction, ...shown, ...marks]);
    })
    .join('');
}

function noteUnknown({ batch }: ScoredBatch, before: number): number {
  for (const { column, row, value } of batch.unknown.slice(0, Math.max(0, MAX_NAMED_UNKNOWN - before))) {
    process.stderr.write(`row ${row + 1}: ${column} has the category ${JSON.stringify(value)}, not seen in training\n`);
  }
  return batch.unknown.length;
}

/** One line of CSV; cells are quoted where they have to be. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => (/[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`;
}
