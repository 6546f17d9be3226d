/** Files as people have them: what becomes of their bytes, from the command line to the predictions. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decodeModel } from '@lockstep/model';
import { describe, expect, it } from 'vitest';
import { type JsonOutcome, lastJson, lockstep, ROOT, scratch, trainJson } from '../support/lockstep.ts';

const CASES = join(ROOT, 'test/cases');

function train(name: string, ...args: readonly string[]): Promise<JsonOutcome> {
  const out = join(scratch(), 'out');
  return trainJson([join(CASES, name, 'job.yaml'), '--workers', '1', '--out', out, ...args]);
}

/** What predict writes to stdout. */
async function predicted(model: string, data: string, ...args: readonly string[]): Promise<string> {
  const result = await lockstep(['predict', model, data, ...args]);
  if (result.code !== 0) throw new Error(`exit ${result.code}: ${result.stderr}`);
  return result.stdout;
}

async function refused(...args: readonly string[]): Promise<NonNullable<JsonOutcome['error']>> {
  const result = await lockstep([...args, '--json']);
  expect(result.code).toBe(2);
  return lastJson(result).error!;
}

function fileWith(name: string, content: string | Uint8Array): string {
  const path = join(scratch(), name);
  writeFileSync(path, content);
  return path;
}

describe('01: a byte order mark, quotes and line breaks in cells', () => {
  const data = join(CASES, '01-bom-quoted-newline/data.csv');
  const text = readFileSync(data, 'utf8').replace('\ufeff', '');

  it('gives the cells as they are, and the same numbers without the mark and with LF', async () => {
    const { model } = await train('01-bom-quoted-newline');
    const notes = await predicted(model, data, '--keep', 'note');
    expect(notes.match(/two\r\nlines|"say ""hi"", then go"/g)).toEqual(['two\r\nlines', '"say ""hi"", then go"']);
    const scores = await predicted(model, data);
    expect(scores.trimEnd().split('\n')).toHaveLength(6);
    const plain = fileWith('lf.csv', text.replaceAll('\r\n', '\n'));
    expect(await predicted(model, plain)).toBe(scores);
  });

  it('shows the real names where the label is none of them', async () => {
    const { message, fix } = await refused(
      'validate',
      join(CASES, '01-bom-quoted-newline/job.yaml'),
      '--set',
      'data.label=Churn',
    );
    expect(message).toContain('data.csv has no column Churn. Did you mean churn?');
    expect(fix).toContain('Columns: churn, note, age.');
  });
});

describe('02: a line break in quotes that looks like the start of a row', () => {
  const name = '02-quoted-newline-at-shard-edge';

  it('never becomes one, for any number of workers', async () => {
    const one = await train(name);
    const rows = await predicted(one.model, join(CASES, name, 'data.csv'), '--keep', 'id');
    expect(rows.match(/^\d+(?=,)/gm)).toEqual(Array.from({ length: 24 }, (_, id) => String(id)));
    expect((await train(name, '--workers', '4')).parametersSha256).toBe(one.parametersSha256);
  });
});

describe('09: nothing, the empty text, and blanks', () => {
  const name = '09-empty-vs-null';

  it('are missing, empty and empty, in training, in CSV and in JSON', async () => {
    const { model } = await train(name);
    const { metadata } = decodeModel(readFileSync(model));
    const { columns } = JSON.parse(metadata['lockstep.schema'] ?? '') as {
      columns: { name: string; categories: string[] }[];
    };
    expect(columns.find((column) => column.name === 'city')?.categories).toEqual(['', '\u0002\u0003', 'Oslo']);
    const scores = (csv: string) => csv.split('\n').slice(1, 3);
    const fromCsv = scores(await predicted(model, join(CASES, name, 'data.csv')));
    expect(fromCsv[0]).not.toBe(fromCsv[1]);
    expect(scores(await predicted(model, join(CASES, name, 'predict.jsonl')))).toEqual(fromCsv);
    expect(scores(await predicted(model, fileWith('new.csv', 'n,city\n1,  \n,"  "\n')))).toEqual(fromCsv);
  });

  it('is said where blanks became the empty text', async () => {
    const { stderr } = await lockstep(['validate', join(CASES, name, 'job.yaml')]);
    expect(stderr).toContain('warning: Column city has 1 quoted cell of blanks alone: read as the empty text');
  });
});

describe('11: rows that are too long or too short', () => {
  const name = '11-ragged-rows';
  const spec = join(CASES, name, 'job.yaml');

  it('are all named with their text, and nothing is trained', async () => {
    const out = join(scratch(), 'out');
    const error = await refused('train', spec, '--out', out);
    expect(error).toMatchObject({ code: 'DATA_UNREADABLE', fix: expect.stringContaining('data.onBadRow: skip') });
    for (const where of ['line 4 of data.csv has 4 cells', '"5,6,0,extra"', 'line 6 of data.csv has 2 cells', '"9,10"'])
      expect(error.message).toContain(where);
    expect(existsSync(out)).toBe(false);
  });

  it('are left out and listed where the spec says so', async () => {
    const { model } = await train(name, '--set', 'data.onBadRow=skip');
    const metrics = JSON.parse(readFileSync(join(model, '../metrics.json'), 'utf8')) as Record<string, unknown>;
    expect(metrics).toMatchObject({ rows: { train: 4 }, rejects: { count: 2, byKind: { cellCount: 2 } } });
    expect(readFileSync(join(model, '../rejects.csv'), 'utf8')).toBe(
      'file,line,row,column,kind,text\ndata.csv,4,,,cellCount,"5,6,0,extra"\ndata.csv,6,,,cellCount,"9,10"\n',
    );
  });

  it('are not what a delimiter at the end of every line makes; a cell behind it is', async () => {
    const path = (file: string): string[] => ['validate', spec, '--set', `data.path=${file}`];
    const trailing = await lockstep(path(join(CASES, name, 'trailing.csv')));
    expect(trailing).toMatchObject({ code: 0, stderr: expect.stringContaining('3 columns, 2 rows') });
    expect(trailing.stderr).toMatch(/warning: Column 4 of .*trailing.csv has neither a name nor cells: it is left out/);
    const shifted = await refused(...path(fileWith('shifted.csv', 'a,b,y,\n1,2,0,\n7,3,4,1\n')));
    expect(shifted.message).toMatch(/^Line 3 of .*shifted.csv has a cell in column 4, which has no name: "1"\.$/);
    const quotes = await refused(...path(fileWith('quotes.csv', 'a,b,y\n1,"2"x,0\n3,4\n')));
    expect(quotes.message).toMatch(/line 2 .* text after a closing quote.*; line 3 .* has 2 cells/);
  });
});

describe('11, in predict', () => {
  it('rows that cannot be used refuse the table, or are left out and listed', async () => {
    const { model } = await train('11-ragged-rows', '--set', 'data.onBadRow=skip');
    const data = fileWith('new.csv', 'a,b\n1,2\n3\nx,4\n5,6\n');
    expect((await refused('predict', model, data, '--out', join(scratch(), 'none.csv'))).message).toContain(
      'Line 3 of new.csv',
    );
    const list = join(scratch(), 'bad.csv');
    const same = await refused('predict', model, data, '--out', list, '--rejects', list);
    expect([same.field, existsSync(list)]).toEqual(['--rejects', false]);
    const other = fileWith('other.csv', 'c,d\n1,2\n');
    await refused('predict', model, other, '--out', join(scratch(), 'other.csv'), '--rejects', list);
    expect(readdirSync(dirname(list))).toEqual([]);
    const named = fileWith('named.csv', 'a,b,probability\n1,2,7\n');
    const twice = await refused(
      'predict',
      model,
      named,
      '--keep',
      'probability',
      '--out',
      join(scratch(), 'twice.csv'),
    );
    expect([twice.field, twice.value]).toEqual(['--keep', 'probability']);
    const result = await lockstep(['predict', model, data, '--keep', 'a', '--rejects', list]);
    expect(result.stdout.match(/^\d(?=,)/gm)).toEqual(['1', '5']);
    expect(result.stderr).toContain('2 bad rows left out');
    expect(readFileSync(list, 'utf8').match(/^new.csv,.*$/gm)).toEqual([
      'new.csv,3,,,cellCount,3',
      'new.csv,4,2,a,notANumber,x',
    ]);
  });
});

describe('12: ids beyond 2^53', () => {
  const ids = ['9007199254740992', '9007199254740993', '9007199254740995', '18446744073709551615'];

  it('come back digit for digit, in order, from CSV and JSON into both', async () => {
    const { model } = await train('12-big-int-ids');
    const data = join(CASES, '12-big-int-ids/data.csv');
    const csv = await predicted(model, data, '--keep', 'account');
    expect(csv.match(/^\d+(?=,)/gm)).toEqual(ids);
    const jsonl = fileWith('ids.jsonl', ids.map((id) => `{"x":0.5,"account":${id}}\n`).join(''));
    const out = join(scratch(), 'scored.jsonl');
    await predicted(model, jsonl, '--keep', 'account', '--out', out);
    const rows = readFileSync(out, 'utf8').trimEnd().split('\n');
    expect(rows.map((row) => (JSON.parse(row) as { account: string }).account)).toEqual(ids);
    const parquet = join(scratch(), 'scored.parquet');
    await predicted(model, data, '--keep', 'account,x', '--out', parquet);
    expect((await predicted(model, parquet, '--keep', 'account')).match(/^\d+(?=,)/gm)).toEqual(ids);
  });
});
