/** Looks at a table and writes a job.yaml that trains at once. */
import { access } from 'node:fs/promises';
import { basename, dirname, extname, relative, resolve } from 'node:path';
import {
  ColumnTypeError,
  type InspectedColumn,
  type InspectedTable,
  inspectTable,
  PLAIN_NUMBERS,
} from '@lockstep/data';
import { isOutputName } from '@lockstep/model';
import { LockstepError } from '@lockstep/protocol/core';
import { jobTemplate, type Task } from '@lockstep/spec';
import { inOptions } from '../data-argument.js';
import { isStream, refuseOwnInput, writeOutputFile } from '../output-file.js';
import { type NumberFlags, numbersOf, type ReadingFlags, readingOf } from '../reading-flags.js';
import { shellWord } from '../render/shell-word.js';
import { visible } from '../render/visible.js';
import { findInput } from '../table-input.js';

/** Options of `lockstep init`. */
export interface InitOptions extends ReadingFlags, NumberFlags {
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
  /** What would make it a feature; '' where nothing would. */
  readonly fix: string;
}

/** Columns that are named where the label is not found, and of those that are left out. */
const MAX_LISTED_COLUMNS = 20;
/** The verb, as errors of the table name its options. */
export const INIT = { skipsBadRows: false } as const;

/** Runs `lockstep init`. @throws LockstepError DATA_COLUMN_NOT_FOUND, DATA_EMPTY, DATA_LABEL, OUTPUT_EXISTS */
export async function init(dataPath: string, options: InitOptions): Promise<void> {
  const target = resolve(options.out);
  const toStream = await isStream(target);
  if (!options.force && !toStream) await refuseExisting(target);
  const reading = readingOf(options);
  const numbers = numbersOf(options, PLAIN_NUMBERS);
  const { name: fileName, files, paths } = await findInput(dataPath);
  await refuseOwnInput(target, paths);
  const table = await inspectTable(files, { ...reading, numbers });
  const folder = toStream ? process.cwd() : dirname(target);
  const label = labelColumn(table, fileName, options.label);
  const ignored = ignoredColumns(table, label);
  const keys = writtenKeys({ ...reading, ...numbers });
  await writeOutputFile(target, templateFor({ table, label, ignored, dataPath, folder, reading: keys }));
  for (const { name, why, fix } of ignored.slice(0, MAX_LISTED_COLUMNS)) {
    process.stderr.write(`${visible(`left out: ${name}: ${why}.${fix ? ` ${fix}` : ''}`)}\n`);
  }
  const rest = ignored.length - MAX_LISTED_COLUMNS;
  if (rest > 0) process.stderr.write(`left out: ${rest} more, which the spec names\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ state: 'written', spec: target, ignored })}\n`);
  else if (!toStream) {
    const next = shellWord(relative(process.cwd(), target));
    process.stdout.write(`${target} written. Next: lockstep train ${next}\n`);
  }
}

/** Keys of `data` for what was said of the reading; what is found or usual needs none. */
function writtenKeys(keys: Readonly<Record<string, unknown>>): Record<string, string> {
  const usual: Readonly<Record<string, unknown>> = { format: 'auto', quote: '"', encoding: 'auto', ...PLAIN_NUMBERS };
  const said = Object.entries(keys).filter(([key, value]) => value !== usual[key]);
  return Object.fromEntries(said.map(([key, value]) => [key, String(value)]));
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

/** Columns that a first job does not use. */
function ignoredColumns({ columns, rowCount }: InspectedTable, label: InspectedColumn): IgnoredColumn[] {
  return columns
    .filter((column) => column !== label)
    .flatMap((column) => {
      const why = reasonToIgnore(column, rowCount);
      const fix = column.problem instanceof ColumnTypeError ? inOptions(column.problem.fix, INIT) : '';
      return why ? [{ name: column.name, why, fix }] : [];
    });
}

/** What the spec is made from. */
interface TemplateParts {
  readonly table: InspectedTable;
  readonly label: InspectedColumn;
  readonly ignored: readonly IgnoredColumn[];
  readonly dataPath: string;
  /** Where the spec will stand. */
  readonly folder: string;
  readonly reading: Readonly<Record<string, string>>;
}

function templateFor({ table, label, ignored, dataPath, folder, reading }: TemplateParts): string {
  const used = table.columns.filter((column) => column !== label && !ignored.some(({ name }) => name === column.name));
  if (used.length === 0) throw noFeatures(basename(dataPath), label.name, ignored);
  return jobTemplate({
    name: basename(dataPath, extname(dataPath)),
    path: relative(folder, resolve(dataPath)),
    label: label.name,
    reading,
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
  const twice = label.type === 'number' && isClasses(label) ? differentlySpelled(label) : null;
  if (twice) return `it holds one number in two spellings, ${twice.join(' and ')}`;
  if (label.type !== 'number' && label.distinctCapped)
    return `it has more than ${label.distinct.length} different texts`;
  return '';
}

/** A class is the text of its cells: the same number written in two ways would be two. */
function differentlySpelled({ distinct, numbers }: InspectedColumn): readonly [string, string] | null {
  const spelling = new Map<number, string>();
  for (const [place, text] of distinct.entries()) {
    const other = spelling.get(numbers[place]!);
    if (other !== undefined) return [other, text];
    spelling.set(numbers[place]!, text);
  }
  return null;
}

function isClasses({ type, whole, numbers, distinctCapped }: InspectedColumn): boolean {
  if (type !== 'number') return true;
  return whole && !distinctCapped && new Set(numbers).size <= MAX_NUMERIC_CLASSES;
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
