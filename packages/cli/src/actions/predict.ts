/** Scores a table and writes the predictions. */
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ModelTable, ParquetColumn } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { isStream, refuseOwnInput, writeTo } from '../output-file.js';
import { formatted, type PredictionCell } from '../prediction-format.js';
import { PLAIN_OUTPUT, predictionOutput } from '../prediction-output.js';
import { type NumberFlags, type ReadingFlags, readingOf } from '../reading-flags.js';
import { isSameFile, openRejects, type RejectsOutput } from '../rejects-output.js';
import { counted } from '../render/counted.js';
import { visible } from '../render/visible.js';
import { loadModel, openForModel, type ScoredBatch, type ScoringModel, scoreTable } from '../score-table.js';
import { findInput } from '../table-input.js';

/** Options of `lockstep predict`. */
export interface PredictOptions extends ReadingFlags, NumberFlags {
  readonly out?: string | undefined;
  /** Each the name of a column, or several with commas between them. */
  readonly keep: readonly string[];
  /** File for rows that cannot be used. */
  readonly rejects?: string | undefined;
  readonly json?: true | undefined;
}

const MAX_NAMED_UNKNOWN = 5;

/** What was scored so far. */
interface Counts {
  rows: number;
  /** Rows without a prediction. */
  unpredicted: number;
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
  const output = out ? await predictionOutput(out) : PLAIN_OUTPUT;
  if (out && options.rejects !== undefined && (await isSameFile(options.rejects, out))) throw oneFile(out);
  const reading = readingOf(options);
  const model = await loadModel(modelPath, options);
  const input = await findInput(dataPath, modelPath);
  if (out) await refuseOwnInput(out, input.paths);
  const rejects = options.rejects === undefined ? null : await openRejects(options.rejects, input.paths);
  const counts: Counts = { rows: 0, unpredicted: 0, unknown: 0 };
  const isPiece = !out || (await isStream(out));
  try {
    const table = await openForModel(model, input, {
      ...reading,
      keep: (columns) => options.keep.flatMap((given) => keptColumns(given, columns)),
      ...(rejects ? { skipTo: rejects.sink } : {}),
    });
    const columns = outputColumns(model, table.kept);
    const names = columns.map(({ name }) => name);
    refuseTwice(names);
    if (table.ignored.length > 0) process.stderr.write(`${visible(`ignored columns: ${table.ignored.join(', ')}`)}\n`);
    const lines = formatted(output.format(model.plan.nulls), names, predictionRows(model, table, counts));
    const all = rejects ? closing(lines, rejects) : lines;
    if (out) await output.write(out, all, columns);
    else await writeTo(process.stdout, all);
    await rejects?.keep().catch(async (thrown: unknown) => {
      if (out && !isPiece) await rm(out, { force: true });
      throw thrown;
    });
    report(options, { ...counts, ignored: table.ignored, rejects: rejects?.count ?? null, out });
  } catch (thrown) {
    if (isPiece && counts.rows > 0) process.stderr.write(`${beginning(counts.rows)}\n`);
    throw thrown;
  } finally {
    rejects?.discard();
  }
}

/** Closes the list of rejects after the last line: where that fails, the predictions get no name. */
async function* closing(lines: AsyncIterable<string>, rejects: RejectsOutput): AsyncGenerator<string> {
  yield* lines;
  rejects.close();
}

/** What is told where rows were handed on before the table was refused. */
function beginning(rows: number): string {
  return `The ${counted(rows, 'row')} written so far are not all of them: --out FILE writes all or nothing.`;
}

/** The columns that one `--keep` names: the one of this name, or those between its commas. */
function keptColumns(given: string, columns: readonly string[]): readonly string[] {
  if (columns.includes(given)) return [given];
  const names = given.split(',').filter(Boolean);
  if (names.length > 0) return names;
  const fix = 'Give names of columns.';
  throw new LockstepError('USAGE', { message: '--keep names no column.', field: '--keep', value: given, fix });
}

/** What was done. */
interface Report extends Counts {
  readonly ignored: readonly string[];
  /** Rows left out; null where they would have been refused. */
  readonly rejects: number | null;
  readonly out: string | null;
}

function report(options: PredictOptions, { rows, unpredicted, unknown, ignored, rejects, out }: Report): void {
  if (options.json) {
    const found = { state: 'succeeded', rows, unpredicted, ignored, unknownCategories: unknown, rejects, out };
    process.stdout.write(`${JSON.stringify(found)}\n`);
  } else if (out) process.stderr.write(`${counted(rows, 'row')} scored: ${out}\n`);
  if (unpredicted > 0) {
    process.stderr.write(
      `${counted(unpredicted, 'row')} without a prediction: a cell is missing that the model needs\n`,
    );
  }
  if (rejects) process.stderr.write(`${counted(rejects, 'bad row')} left out: ${options.rejects}\n`);
}

/** The columns of the predictions; kept ones stay the texts that they are. */
function outputColumns(model: ScoringModel, kept: readonly string[]): ParquetColumn[] {
  return [
    ...kept.map((name): ParquetColumn => ({ name, type: 'text' })),
    { name: 'prediction', type: model.task === 'regression' ? 'number' : 'text' },
    ...probabilityColumns(model).map((name): ParquetColumn => ({ name, type: 'number' })),
    ...(hasText(model) ? [{ name: 'unknown', type: 'text' } as const] : []),
  ];
}

/** The rows of each batch. */
async function* predictionRows(
  model: ScoringModel,
  table: ModelTable,
  counts: Counts,
): AsyncGenerator<readonly PredictionCell[][]> {
  for await (const scored of scoreTable(model, table)) {
    yield rowsOf(model, scored, table.kept);
    counts.rows += scored.batch.rowCount;
    counts.unpredicted += scored.predictions.filter((prediction) => prediction === null).length;
    counts.unknown += noteUnknown(scored, table, counts.unknown);
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
  { batch, predictions, outputs }: ScoredBatch,
  kept: readonly string[],
): PredictionCell[][] {
  const unknownRows = new Map<number, string[]>();
  for (const { row, column } of batch.unknown) unknownRows.set(row, [...(unknownRows.get(row) ?? []), column]);
  const width = model.labels.length;
  // Of two classes the second says all.
  const skipped = model.task === 'binary' ? 1 : 0;
  return predictions.map((prediction, row) => {
    const cells = kept.map((name) => batch.kept.get(name)?.[row] ?? null);
    const shares = [...outputs.subarray(row * width + skipped, (row + 1) * width)];
    const shown = shares.map((share) => (prediction === null ? null : share));
    const unknown = (unknownRows.get(batch.firstRow + row) ?? []).join(' ');
    return [...cells, prediction, ...shown, ...(hasText(model) ? [unknown || null] : [])];
  });
}

function noteUnknown({ batch }: ScoredBatch, { placeOf }: ModelTable, before: number): number {
  for (const { column, row, value } of batch.unknown.slice(0, Math.max(0, MAX_NAMED_UNKNOWN - before))) {
    const note = `${placeOf(row)}: ${column} has the category ${JSON.stringify(value)}, not seen in training`;
    process.stderr.write(`${visible(note)}\n`);
  }
  return batch.unknown.length;
}
