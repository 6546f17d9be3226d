/** Looks at a table and writes a job.yaml that trains at once. */
import { access } from 'node:fs/promises';
import { basename, dirname, extname, relative, resolve } from 'node:path';
import { findDataFiles, type InspectedColumn, type InspectedTable, inspectTable } from '@lockstep/data';
import { isOutputName } from '@lockstep/model';
import { LockstepError } from '@lockstep/protocol/core';
import { jobTemplate, type Task } from '@lockstep/spec';
import { isStream, refuseOwnInput, writeOutputFile } from '../output-file.js';
import { shellWord } from '../render/shell-word.js';

/** Options of `lockstep init`. */
export interface InitOptions {
  readonly label: string;
  readonly out: string;
  readonly force?: true | undefined;
  readonly json?: true | undefined;
}

/** Whole-number labels with more values than this are numbers to predict, not classes. */
const MAX_NUMERIC_CLASSES = 20;
/** Text columns with more values are left out: they are names or ids, not categories. */
const MAX_CATEGORIES = 100;

/** A column that is left out, with the reason. */
interface IgnoredColumn {
  readonly name: string;
  readonly why: string;
}

/** Columns that are named where the label is not found. */
const MAX_LISTED_COLUMNS = 20;

/** Runs `lockstep init`. @throws LockstepError DATA_COLUMN_NOT_FOUND, DATA_EMPTY, DATA_LABEL, OUTPUT_EXISTS */
export async function init(dataPath: string, options: InitOptions): Promise<void> {
  const target = resolve(options.out);
  const toStream = await isStream(target);
  if (!options.force && !toStream) await refuseExisting(target);
  await refuseOwnInput(target, [dataPath]);
  const files = await findDataFiles({ given: dataPath, from: process.cwd(), name: basename(dataPath) });
  const table = await inspectTable(files);
  const folder = toStream ? process.cwd() : dirname(target);
  await writeOutputFile(target, templateFor(table, dataPath, folder, options.label));
  if (options.json) process.stdout.write(`${JSON.stringify({ state: 'written', spec: target })}\n`);
  else if (!toStream) {
    const next = shellWord(relative(process.cwd(), target));
    process.stdout.write(`${target} written. Next: lockstep train ${next}\n`);
  }
}

async function refuseExisting(target: string): Promise<void> {
  const exists = await access(target).then(
    () => true,
    () => false,
  );
  if (exists) {
    throw new LockstepError('OUTPUT_EXISTS', {
      message: `${target} exists.`,
      field: '--out',
      value: target,
      fix: 'Choose another --out, or replace it with --force.',
    });
  }
}

function templateFor(table: InspectedTable, dataPath: string, folder: string, labelName: string): string {
  const label = labelColumn(table, basename(dataPath), labelName);
  const features = table.columns.filter((column) => column !== label);
  const ignored = features.flatMap((column) => {
    const why = reasonToIgnore(column, table.rowCount);
    return why ? [{ name: column.name, why }] : [];
  });
  const used = features.filter(({ name }) => !ignored.some((other) => other.name === name));
  if (used.length === 0) throw noFeatures(basename(dataPath), labelName, ignored);
  return jobTemplate({
    name: basename(dataPath, extname(dataPath)),
    path: relative(folder, resolve(dataPath)),
    label: labelName,
    task: taskOf(label),
    classCount: label.distinct.length,
    rowCount: table.rowCount,
    numberColumns: used.filter(({ type }) => type !== 'text').map(({ name }) => name),
    textColumns: used.filter(({ type }) => type === 'text').map(({ name }) => name),
    ignored,
  });
}

/** The label, if a job on this table can learn it. */
function labelColumn({ columns, rowCount }: InspectedTable, fileName: string, name: string): InspectedColumn {
  const label = columns.find((column) => column.name === name);
  const context = { field: '--label', value: name };
  if (!label) {
    const meant = columns.find((column) => column.name.trim().toLowerCase() === name.trim().toLowerCase());
    const listed = columns.slice(0, MAX_LISTED_COLUMNS).map((column) => column.name);
    const rest = columns.length > listed.length ? `, and ${columns.length - listed.length} more` : '';
    throw new LockstepError('DATA_COLUMN_NOT_FOUND', {
      message: `${fileName} has no column ${JSON.stringify(name)}.`,
      ...context,
      fix: `${meant ? `Did you mean ${meant.name}? ` : ''}Use one of: ${listed.join(', ')}${rest}.`,
    });
  }
  if (rowCount === 0)
    throw new LockstepError('DATA_EMPTY', { message: `${fileName} has no rows.`, field: 'DATA', value: fileName });
  const trouble = whyNoLabel(label, rowCount);
  if (!trouble) return label;
  throw new LockstepError('DATA_LABEL', {
    message: `The column ${JSON.stringify(name)} cannot be predicted: ${trouble}.`,
    ...context,
    fix: 'Give another --label.',
  });
}

/** What keeps a job from learning a column; '' when nothing does. */
function whyNoLabel(label: InspectedColumn, rowCount: number): string {
  if (label.missing === rowCount) return 'it is empty';
  if (label.distinct.length === 1) return `it is always ${label.distinct[0]}`;
  const twice = label.type === 'number' && isClasses(label) ? differentlySpelled(label.distinct) : null;
  if (twice) return `it holds one number in two spellings, ${twice.join(' and ')}`;
  if (label.type !== 'number' && label.distinctCapped)
    return `it has more than ${label.distinct.length} different texts`;
  return '';
}

/** A class is the text of its cells: the same number written in two ways would be two. */
function differentlySpelled(distinct: readonly string[]): readonly [string, string] | null {
  const spelling = new Map<number, string>();
  for (const text of distinct) {
    const other = spelling.get(Number(text));
    if (other !== undefined) return [other, text];
    spelling.set(Number(text), text);
  }
  return null;
}

function isClasses({ type, whole, distinct, distinctCapped }: InspectedColumn): boolean {
  if (type !== 'number') return true;
  return whole && !distinctCapped && new Set(distinct.map(Number)).size <= MAX_NUMERIC_CLASSES;
}

function taskOf(label: InspectedColumn): Task {
  if (!isClasses(label)) return 'regression';
  return label.distinct.length === 2 ? 'binary' : 'multiclass';
}

function noFeatures(fileName: string, label: string, ignored: readonly IgnoredColumn[]): LockstepError {
  const why = ignored.map(({ name, why }) => `${name}: ${why}`).join('; ');
  return new LockstepError('DATA_COLUMN_NOT_FOUND', {
    message: `${fileName} has no feature columns beside the label ${label}${why ? ` (${why})` : ''}.`,
    field: 'DATA',
    value: fileName,
    fix: 'Give a table with at least one column to predict from.',
  });
}

function reasonToIgnore(column: InspectedColumn, rowCount: number): string | null {
  if (isOutputName(column.name)) return 'has the name of an output of the model, rename it to train on it';
  if (column.missing === rowCount) return 'empty';
  if (column.problem) return column.problem.message.replace(/\.$/, '');
  if (column.distinct.length === 1) return 'constant';
  if (column.type === 'text' && (column.distinctCapped || column.distinct.length > MAX_CATEGORIES))
    return 'too many values';
  return null;
}
