/** Looks at a table and writes a job.yaml that trains at once. */
import { access, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, relative, resolve } from 'node:path';
import { type InspectedColumn, type InspectedTable, inspectTable } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { jobTemplate, type Task } from '@lockstep/spec';

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

/** Runs `lockstep init`. @throws LockstepError DATA_COLUMN_NOT_FOUND, OUTPUT_EXISTS */
export async function init(dataPath: string, options: InitOptions): Promise<void> {
  const target = resolve(options.out);
  if (!options.force) await refuseExisting(target);
  const table = await inspectTable(resolve(dataPath), basename(dataPath));
  const text = templateFor(table, dataPath, target, options.label);
  await writeFile(target, text, { flag: options.force ? 'w' : 'wx' });
  if (options.json) process.stdout.write(`${JSON.stringify({ state: 'written', spec: target })}\n`);
  else process.stdout.write(`${target} written. Next: lockstep train ${relative(process.cwd(), target) || target}\n`);
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

function templateFor(table: InspectedTable, dataPath: string, target: string, labelName: string): string {
  const label = table.columns.find(({ name }) => name === labelName);
  if (!label) {
    throw new LockstepError('DATA_COLUMN_NOT_FOUND', {
      message: `${basename(dataPath)} has no column ${JSON.stringify(labelName)}.`,
      field: '--label',
      value: labelName,
      fix: `Use one of: ${table.columns.map(({ name }) => name).join(', ')}`,
    });
  }
  const features = table.columns.filter((column) => column !== label);
  const ignored = features.flatMap((column) => {
    const why = reasonToIgnore(column, table.rowCount);
    return why ? [{ name: column.name, why }] : [];
  });
  const used = features.filter(({ name }) => !ignored.some((other) => other.name === name));
  return jobTemplate({
    name: basename(dataPath, extname(dataPath)),
    path: relative(dirname(target), resolve(dataPath)),
    label: labelName,
    task: taskOf(label),
    classCount: label.distinct.length,
    rowCount: table.rowCount,
    numberColumns: used.filter(({ type }) => type === 'number').map(({ name }) => name),
    textColumns: used.filter(({ type }) => type === 'text').map(({ name }) => name),
    ignored,
  });
}

function taskOf(label: InspectedColumn): Task {
  const classes =
    label.type === 'text' || (label.whole && !label.distinctCapped && label.distinct.length <= MAX_NUMERIC_CLASSES);
  if (!classes) return 'regression';
  return label.distinct.length === 2 ? 'binary' : 'multiclass';
}

function reasonToIgnore(column: InspectedColumn, rowCount: number): string | null {
  if (column.missing === rowCount) return 'empty';
  if (column.distinct.length === 1) return 'constant';
  if (column.type === 'text' && (column.distinctCapped || column.distinct.length > MAX_CATEGORIES))
    return 'too many values';
  return null;
}
