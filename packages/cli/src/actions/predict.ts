/** Scores a table and writes the predictions. */
import { resolve } from 'node:path';
import type { ModelTable, ParquetColumn } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { refuseOwnInput, writeTo } from '../output-file.js';
import type { PredictionCell, PredictionFormat } from '../prediction-format.js';
import { predictionOutput } from '../prediction-output.js';
import { type ReadingFlags, readingOf } from '../reading-flags.js';
import { openRejects } from '../rejects-output.js';
import { loadModel, openForModel, type ScoredBatch, type ScoringModel, scoreTable } from '../score-table.js';

/** Options of `lockstep predict`. */
export interface PredictOptions extends ReadingFlags {
  readonly out?: string | undefined;
  readonly keep?: string | undefined;
  /** File for rows that cannot be used. */
  readonly rejects?: string | undefined;
  readonly json?: true | undefined;
}

const MAX_NAMED_UNKNOWN = 5;

/** What was scored so far. */
interface Counts {
  rows: number;
  /** Cells with a category that training did not see. */
  unknown: number;
}

function oneFile(out: string): LockstepError {
  const message = `--out and --rejects are both ${out}.`;
  return new LockstepError('USAGE', { message, field: '--rejects', value: out, fix: 'Choose another --rejects.' });
}

/** A kept column must not have the name of one that is predicted. */
function refuseTwice(columns: readonly string[]): void {
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new LockstepError('USAGE', {
    message: `--keep names ${twice}, which is also a column of the predictions.`,
    field: '--keep',
    value: twice,
    fix: 'Rename the column in the table, or keep others.',
  });
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
  if (out && options.rejects !== undefined && resolve(options.rejects) === out) throw oneFile(out);
  const keep = [...new Set(options.keep?.split(',').filter(Boolean))];
  const model = await loadModel(modelPath);
  const columns = outputColumns(model, keep);
  refuseTwice(columns.map(({ name }) => name));
  const rejects =
    options.rejects === undefined ? null : await openRejects(resolve(options.rejects), [modelPath, dataPath]);
  const table = await openForModel(model, dataPath, {
    ...{ keep, ...readingOf(options) },
    ...(rejects ? { skipTo: rejects.sink } : {}),
  }).catch(async (thrown: unknown) => {
    await rejects?.discard();
    throw thrown;
  });
  const ignored = table.ignored.filter((name) => !keep.includes(name));
  if (ignored.length > 0) process.stderr.write(`ignored columns: ${ignored.join(', ')}\n`);
  const counts: Counts = { rows: 0, unknown: 0 };
  const output = predictionOutput(options.out ?? null, model.plan.nulls);
  const lines = predictionLines(model, table, { keep, columns, format: output.format, counts });
  try {
    if (out) await output.write(out, lines, columns);
    else await writeTo(process.stdout, lines);
    await rejects?.keep();
  } finally {
    await rejects?.discard();
  }
  const { rows, unknown } = counts;
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ state: 'succeeded', rows, ignored, unknownCategories: unknown, rejects: rejects?.sink.count ?? null, out })}\n`,
    );
  else if (out) process.stderr.write(`${rows} rows scored: ${out}\n`);
  if (rejects && rejects.sink.count > 0) {
    process.stderr.write(`${rejects.sink.count} bad rows left out: ${options.rejects}\n`);
  }
}

/** What the lines of predictions are made of. */
interface Lines {
  readonly keep: readonly string[];
  readonly columns: readonly ParquetColumn[];
  readonly format: PredictionFormat;
  readonly counts: Counts;
}

/** The columns of the predictions; kept ones stay the texts that they are. */
function outputColumns(model: ScoringModel, keep: readonly string[]): ParquetColumn[] {
  return [
    ...keep.map((name): ParquetColumn => ({ name, type: 'text' })),
    { name: 'prediction', type: model.task === 'regression' ? 'number' : 'text' },
    ...probabilityColumns(model).map((name): ParquetColumn => ({ name, type: 'number' })),
    ...(hasText(model) ? [{ name: 'unknown', type: 'text' } as const] : []),
  ];
}

/** The header, then the lines of each batch. */
async function* predictionLines(
  model: ScoringModel,
  table: ModelTable,
  { keep, columns, format, counts }: Lines,
): AsyncGenerator<string> {
  const names = columns.map(({ name }) => name);
  yield format.header(names);
  for await (const scored of scoreTable(model, table)) {
    yield rowsOf(model, scored, keep)
      .map((cells) => format.row(names, cells))
      .join('');
    counts.rows += scored.batch.rowCount;
    counts.unknown += noteUnknown(scored, counts.unknown);
  }
}

function hasText(model: ScoringModel): boolean {
  return model.plan.columns.some(({ type }) => type === 'text');
}

function probabilityColumns({ task, labels }: ScoringModel): string[] {
  if (task === 'binary') return ['probability'];
  return task === 'multiclass' ? labels.map((label) => `probability_${label}`) : [];
}

function rowsOf(
  model: ScoringModel,
  { batch, predictions, probabilities, values }: ScoredBatch,
  keep: readonly string[],
): PredictionCell[][] {
  const unknownRows = new Map<number, string[]>();
  for (const { row, column } of batch.unknown) unknownRows.set(row, [...(unknownRows.get(row) ?? []), column]);
  const width = model.labels.length;
  return predictions.map((prediction, row) => {
    const kept = keep.map((name) => batch.kept.get(name)?.[row] ?? null);
    const shares = probabilities ? [...probabilities.subarray(row * width, (row + 1) * width)] : [];
    const shown = model.task === 'binary' ? shares.slice(1) : shares;
    const unknown = (unknownRows.get(batch.firstRow + row) ?? []).join(' ');
    return [...kept, values?.[row] ?? prediction, ...shown, ...(hasText(model) ? [unknown || null] : [])];
  });
}

function noteUnknown({ batch }: ScoredBatch, before: number): number {
  for (const { column, row, value } of batch.unknown.slice(0, Math.max(0, MAX_NAMED_UNKNOWN - before))) {
    process.stderr.write(`row ${row + 1}: ${column} has the category ${JSON.stringify(value)}, not seen in training\n`);
  }
  return batch.unknown.length;
}
