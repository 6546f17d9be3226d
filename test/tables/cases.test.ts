/** The tables of test/cases, and what they may look like elsewhere, from the file to the features and predictions. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type PreparedData, runPreparation } from '@lockstep/data';
import type { LockstepError } from '@lockstep/protocol/core';
import { parseJobSpec } from '@lockstep/spec';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { buildProcesses, parquetFile } from '../../packages/data/src/testing/parquet.ts';
import { caseFolder } from '../support/cases.ts';
import { ROOT } from '../support/lockstep.ts';
import {
  featuresInOnnx,
  predictions,
  prepare,
  readForModel,
  rowsOf,
  untrainedModel,
  type WrittenSpec,
} from './prepared-table.ts';

type Settings = Readonly<Record<string, string>>;

/** A case's job on some table. */
interface Made extends WrittenSpec {
  readonly folder: string;
  readonly data: PreparedData;
}

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-cases-'));
  folders.push(folder);
  return folder;
}

function specOf(folder: string, settings: Settings): WrittenSpec {
  const text = readFileSync(join(folder, 'job.yaml'), 'utf8');
  const { spec, problems } = parseJobSpec(text, { overrides: settings });
  if (!spec) throw new Error(JSON.stringify(problems));
  return { spec, resolvedYaml: text };
}

/** Prepares the job of a case from another table. @param path of a file, or its name and content */
async function made(
  name: string,
  [file, content]: readonly [name: string, content: string | Uint8Array],
  settings: Settings = {},
): Promise<Made> {
  const folder = newFolder();
  writeFileSync(join(folder, file), content);
  return madeOf(name, { path: join(folder, file), name: file }, settings);
}

async function madeOf(name: string, file: { path: string; name: string }, settings: Settings = {}): Promise<Made> {
  const folder = newFolder();
  const written = specOf(join(ROOT, 'test/cases', name), { 'data.format': 'auto', ...settings });
  return { ...written, folder, data: await prepare(written.spec, file, folder) };
}

const refusal = (work: Promise<unknown>): Promise<LockstepError | null> =>
  work.then(
    () => null,
    (thrown: LockstepError) => thrown,
  );
const text = (name: string, file = 'data.csv'): string => readFileSync(join(ROOT, 'test/cases', name, file), 'utf8');
const bytesOf = ({ data }: Made): string[][] =>
  Object.values(data.shards).map((files) => files.map(({ sha256 }) => sha256));
/** Rows of CSV without quotes. */
const cells = (csv: string): string[][] =>
  csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
const jsonl = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

async function labelsOf(job: Made, name: string, content: string): Promise<unknown[]> {
  const path = join(job.folder, name);
  writeFileSync(path, content);
  const model = await untrainedModel(job, job.data, job.folder);
  const rows = await predictions(model, { path, name }, join(job.folder, 'scored.jsonl'));
  return rows.map(({ prediction }) => prediction);
}

beforeAll(buildProcesses, 120_000);

/** What has to be said for the tables that are refused otherwise. */
const SETTINGS: Readonly<Record<string, Settings>> = {
  '03-type-changes-late': { 'data.types': '{build: text}' },
  '05-decimal-comma': { 'data.decimal': '","', 'data.thousands': '"."' },
  '11-ragged-rows': { 'data.onBadRow': 'skip' },
  '15-label-trailing-blank': { 'data.labels': '{foldCase: true}' },
  '18-high-cardinality': { 'data.ignore': '[session]' },
  '27-nan-inf-label': { 'data.labels': '{onUnusable: drop}' },
};
const CASES = readdirSync(join(ROOT, 'test/cases')).filter((name) =>
  existsSync(join(ROOT, 'test/cases', name, 'job.yaml')),
);

describe('the exported preprocessing', () => {
  it.each(CASES)('computes the features of training in case %s', async (name) => {
    const folder = caseFolder(name);
    const { spec } = specOf(folder, SETTINGS[name] ?? {});
    const file = { path: join(folder, 'data.csv'), name: 'data.csv' };
    const data = await prepare(spec, file, folder);
    const plan = data.preprocessing;
    const isWhole = data.rejects === null || data.rejects.count === 0;
    // Rows that training left out are no rows of a table for a model either.
    const { inputs } = await readForModel(plan, file, [], isWhole ? {} : { skipTo: { add: () => {} } });
    const exported = await featuresInOnnx(plan, inputs);
    const prepared = (['train', 'validation', 'testPrepared'] as const).flatMap((split) => rowsOf(data, split));
    const known = new Set(exported.map((row) => JSON.stringify(row)));
    expect(prepared.filter(({ features }) => !known.has(JSON.stringify(features)))).toEqual([]);
    expect(prepared).toHaveLength(exported.length - data.rows.dropped);
  });
});

describe('01, elsewhere', () => {
  const name = '01-bom-quoted-newline';
  const plain = text(name).replace('\ufeff', '');
  const semicolons = plain.replaceAll(/"(?:[^"]|"")*"|,/g, (found) => (found === ',' ? ';' : found));

  it.each([
    ['utf16.csv', Buffer.from(`\ufeff${plain}`, 'utf16le')],
    ['packed.csv.gz', gzipSync(plain)],
    ['semicolons.csv', semicolons],
    ['lf.csv', plain.replaceAll('\r\n', '\n')],
  ])('gives the same bytes in %s', async (file, content) => {
    expect(bytesOf(await made(name, [file, content]))).toEqual(bytesOf(await made(name, ['data.csv', text(name)])));
  });
});

describe('02, elsewhere', () => {
  const name = '02-quoted-newline-at-shard-edge';
  const ids = Array.from({ length: 24 }, (_, id) => String(id));
  const tabbed = text(name)
    .replaceAll(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/g, '\t')
    .replaceAll(',', '\t');

  it.each([16, 17, 64])('with tabs in cells and between them, in pieces of %i bytes', async (pieceBytes) => {
    const { data, folder } = await made(name, ['data.tsv', tabbed]);
    const path = join(folder, 'new.tsv');
    writeFileSync(path, tabbed);
    const { kept } = await readForModel(data.preprocessing, { path, name: 'new.tsv' }, ['id', 'remark'], {
      pieceBytes,
    });
    expect(kept.get('id')).toEqual(ids);
    expect(kept.get('remark')?.[0]).toBe('line one of 0\n90\tfake\t0.0\t1\nend "0"');
  });

  it('in two files, one of which has line ends of Windows, and in JSON lines, to the same bytes', async () => {
    const csv = await made(name, ['data.csv', text(name)]);
    const cut = text(name).indexOf('\n12,') + 1;
    const parts = {
      '1.csv': text(name).slice(0, cut).replaceAll('\n', '\r\n'),
      '2.csv': `id,remark,x,y\n${text(name).slice(cut)}`,
    };
    const files = Object.entries(parts).map(([part, content]) => {
      writeFileSync(join(csv.folder, part), content);
      return { path: join(csv.folder, part), name: part };
    });
    const outDirectory = join(csv.folder, 'of-parts');
    const data = await runPreparation({ files, fileName: 'parts', spec: csv.spec, outDirectory });
    expect(bytesOf({ ...csv, data })).toEqual(bytesOf(csv));
    const rows = ids.map((id) => {
      const isLong = Number(id) % 3 === 0;
      const remark = isLong ? `line one of ${id}\n9${id},fake,0.${id},1\nend "${id}"` : `ok\u2028${id}`;
      return { id: Number(id), remark, x: Number(id) / 10, y: Number(id) % 2 };
    });
    expect(bytesOf(await made(name, ['data.jsonl', jsonl(rows)]))).toEqual(bytesOf(csv));
  });
});

describe('03, elsewhere', () => {
  const name = '03-type-changes-late';

  it('a date in another order behind 5,000 of ISO 8601, in JSON lines', async () => {
    const day = (row: number): string => `2024-01-${String((row % 28) + 1).padStart(2, '0')}`;
    const rows = Array.from({ length: 5000 }, (_, row) => ({ at: row === 4999 ? '31.12.2024' : day(row), y: row % 2 }));
    const error = await refusal(made(name, ['data.jsonl', jsonl(rows)]));
    expect(error).toMatchObject({ code: 'DATA_VALUE', field: 'at', value: '31.12.2024' });
    expect(error?.message).toContain('row 5000 (line 5000)');
  });

  it('a number too large for float64 in the last row of a packed file, and a fraction among whole numbers', async () => {
    const rows = Array.from({ length: 5000 }, (_, row) => `${row % 9},${row % 2}`);
    const table = (last: string): Buffer => gzipSync(`units,y\n${rows.join('\n')}\n${last},1\n`);
    const error = await refusal(made(name, ['data.csv.gz', table('1e309')]));
    expect(error?.message).toContain('row 5001 (line 5002): "1e309" is beyond the range of float64');
    const { data } = await made(name, ['data.csv.gz', table('3.5')], { 'split.test': '0', 'preprocess.scale': 'none' });
    expect(rowsOf(data, 'train').at(-1)?.features).toEqual([3.5]);
  });
});

describe('05, elsewhere', () => {
  it.each(['jsonl', 'jsonl.gz'])(
    'other signs refuse a table of predictions in %s, and leave nothing',
    async (ending) => {
      const job = await made('05-decimal-comma', ['data.csv', text('05-decimal-comma')], SETTINGS['05-decimal-comma']);
      const path = join(job.folder, 'new.csv');
      writeFileSync(path, 'price;kg\n1,5;1.25\n');
      const model = await untrainedModel(job, job.data, job.folder);
      const before = readdirSync(job.folder);
      const error = await refusal(predictions(model, { path, name: 'new.csv' }, join(job.folder, `scored.${ending}`)));
      expect(error).toMatchObject({ code: 'DATA_VALUE', field: 'kg', value: '1.25' });
      expect(readdirSync(job.folder)).toEqual(before);
    },
  );
});

describe('07, elsewhere', () => {
  const name = '07-naive-timestamps';

  it('in the types of Parquet, and in a process of another zone, to the same bytes', async () => {
    const own = process.env.TZ;
    const csv = await made(name, ['data.csv', text(name)]);
    const instant = (at: string): string =>
      `${at}${at.includes(':') ? '' : ' 00:00:00'}${/Z|\+/.test(at) ? '' : '+00'}`;
    const rows = cells(text(name)).map(([at, y]) => `(TIMESTAMPTZ '${instant(at!)}', ${y})`);
    const path = await parquetFile(`SELECT * FROM (VALUES ${rows.join(', ')}) t("at", y)`);
    try {
      process.env.TZ = 'Asia/Kolkata';
      expect(bytesOf(await madeOf(name, { path, name: 'data.parquet' }))).toEqual(bytesOf(csv));
      expect(bytesOf(await made(name, ['data.csv', text(name)]))).toEqual(bytesOf(csv));
    } finally {
      if (own === undefined) delete process.env.TZ;
      else process.env.TZ = own;
    }
  });

  it('on the clocks of a zone that the spec names: the night of the change, hour by hour', async () => {
    const hours = ['00:30', '01:30', '02:30', '03:30', '04:30'];
    const table = `at,y\n${hours.map((hour, row) => `2025-03-30 ${hour},${row % 2}\n`).join('')}`;
    const settings = { 'data.timeZone': 'Europe/Berlin', 'split.test': '0', 'preprocess.scale': 'none' };
    const { data } = await made(name, ['data.csv', table], {
      ...settings,
      'preprocess.columns': '{at: {dateParts: [hour]}}',
    });
    expect(rowsOf(data, 'train').map(({ features }) => features[0])).toEqual([0, 1, 3, 3, 4]);
  });
});

describe('09, elsewhere', () => {
  const name = '09-empty-vs-null';

  it('with tabs, in Parquet and in JSON lines, to the same bytes', async () => {
    const csv = await made(name, ['data.csv', text(name)]);
    const values = `(NULL, 1, 0), ('', NULL, 1), ('   ', NULL, 0), ('Oslo', 4, 1)`;
    const path = await parquetFile(`SELECT * FROM (VALUES ${values}) t(city, n, y)`);
    expect(bytesOf(await madeOf(name, { path, name: 'data.parquet' }))).toEqual(bytesOf(csv));
    expect(bytesOf(await made(name, ['data.tsv', text(name).replaceAll(',', '\t')]))).toEqual(bytesOf(csv));
    const rows = [
      { n: 1, y: 0 },
      { city: '', n: '', y: 1 },
      { city: '   ', n: null, y: 0 },
      { city: 'Oslo', n: 4, y: 1 },
    ];
    const lines = jsonl(rows).replace('{"n"', '{"city":null,"n"');
    expect(bytesOf(await made(name, ['data.jsonl', lines]))).toEqual(bytesOf(csv));
  });
});

describe('18, elsewhere', () => {
  const name = '18-high-cardinality';
  const rows = Array.from({ length: 3000 }, (_, row) => ({ session: `s-${row}`, plan: `p${row % 3}`, y: row % 2 }));

  it('in JSON lines, beside a column of few values', async () => {
    expect(await refusal(made(name, ['data.jsonl', jsonl(rows)]))).toMatchObject({
      ...{ code: 'DATA_TOO_MANY_CATEGORIES', field: 'session' },
      message: 'Column session has 3000 different values in 3000 rows, at most 1000 are encoded.',
    });
  });

  it('where the values are numbers that the spec calls text', async () => {
    const table: readonly [string, string] = ['data.jsonl', jsonl(rows.map((row, at) => ({ ...row, session: at })))];
    expect((await made(name, table)).data.preprocessing.columns[0]?.type).toBe('number');
    expect(await refusal(made(name, table, { 'data.types': '{session: text}' }))).toMatchObject({
      message: 'Column session has 3000 different values in 3000 rows, at most 1000 are encoded.',
    });
  });

  it('where rare values become one, which leaves a feature of no use and not thousands', async () => {
    const { data } = await made(name, ['data.jsonl', jsonl(rows)], { 'preprocess.minFrequency': '2' });
    expect(data.featureNames).toEqual(['session=(rare)', 'plan=p0', 'plan=p1', 'plan=p2']);
  });
});

describe('20, elsewhere', () => {
  const name = '20-gappy-labels';

  it('numbers of JSON of several lengths are in the order of their values', async () => {
    const rows = Array.from({ length: 12 }, (_, row) => ({ x: row / 10, lane: [100, 9, 10][row % 3] }));
    const job = await made(name, ['data.jsonl', jsonl(rows)]);
    expect(job.data.labels).toEqual(['9', '10', '100']);
    for (const label of await labelsOf(job, 'new.csv', 'x\n0\n0.5\n')) expect(job.data.labels).toContain(label);
  });

  it('fractions and signs are classes too, with tabs between cells', async () => {
    const rows = Array.from({ length: 12 }, (_, row) => `${row / 10}\t${['2.5', '-1', '1e1'][row % 3]}\n`);
    const job = await made(name, ['data.tsv', `x\tlane\n${rows.join('')}`]);
    expect(job.data.labels).toEqual(['-1', '2.5', '1e1']);
    for (const label of await labelsOf(job, 'new.csv', 'x\n0\n0.5\n')) expect(job.data.labels).toContain(label);
  });
});

describe('21, elsewhere', () => {
  const name = '21-rare-class-missing-in-test';

  it('a class of one row stays in training beside validation and test, in JSON lines, under its folded name', async () => {
    const rows = cells(text(name)).map(([x, z, colour]) => ({ x: Number(x), z: Number(z), colour }));
    const folded = rows.map((row, at) => ({ ...row, colour: at % 2 ? row.colour!.toUpperCase() : row.colour }));
    const settings = { 'split.validation': '0.25', 'data.labels': '{foldCase: true}' };
    const { data } = await made(name, ['data.jsonl', jsonl(folded)], settings);
    expect(data.labels?.map((label) => label.toLowerCase()).sort()).toEqual(['blue', 'green', 'red', 'violet']);
    const green = data.labels!.findIndex((label) => label.toLowerCase() === 'green');
    const parts = (['train', 'validation', 'testPrepared'] as const).map((split) => rowsOf(data, split));
    expect(parts.map((part) => part.filter(({ target }) => target === green).length)).toEqual([1, 0, 0]);
    expect(data.warnings.join()).toContain('The class "green" has no test rows');
  });

  it('of two classes, where the rare one is positive and weighs as much as all others', async () => {
    const rows = Array.from({ length: 16 }, (_, row) => `${row},${row % 5},${row === 9 ? 'fraud' : 'fine'}`);
    const settings = {
      ...{ 'train.loss': 'binaryCrossEntropy', 'model.1.dense': '{units: 1, activation: sigmoid}' },
      ...{ 'train.classWeights': 'balanced', 'data.labels': '{positive: fraud}' },
    };
    const job = await made(name, ['data.csv.gz', gzipSync(`x,z,colour\n${rows.join('\n')}\n`)], settings);
    const train = rowsOf(job.data, 'train');
    expect([job.data.labels, train.filter(({ target }) => target === 1)]).toEqual([
      ['fine', 'fraud'],
      [expect.objectContaining({ weight: train.length / 2 })],
    ]);
    expect(await labelsOf(job, 'new.csv', 'x,z\n9,4\n')).toEqual([expect.stringMatching(/^(fine|fraud)$/)]);
  });

  it('where the rows of a group stay together, a class that so has no training row is refused', async () => {
    const rows = cells(text(name)).map(([x, z, colour]) => `${x},${z},${colour},${colour === 'green' ? 'a' : 'b'}`);
    const settings = { 'split.groupBy': 'shop', 'split.seed': '1' };
    const table = `x,z,colour,shop\n${rows.join('\n')}\n`;
    const outcomes = await Promise.all(
      ['1', '2', '3', '4'].map((seed) => refusal(made(name, ['data.csv', table], { ...settings, 'split.seed': seed }))),
    );
    for (const error of outcomes) expect(error?.code ?? 'DATA_LABEL').toBe('DATA_LABEL');
    expect(outcomes.some(Boolean)).toBe(true);
  });
});
