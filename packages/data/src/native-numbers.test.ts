/** Numbers that a file itself holds as numbers: how a spec says that numbers are written is said of texts. */
import { beforeAll, describe, expect, it } from 'vitest';
import { checkData } from './check-data.js';
import type { NumberFormat } from './core/number.js';
import { openTable } from './read-table.js';
import { runPreparation } from './run-preparation.js';
import { buildProcesses, parquetFile } from './testing/parquet.js';
import { readColumn } from './testing/shards.js';
import { specOf, tableFile, temporaryFolder } from './testing/tables.js';

const EUROPEAN = { decimal: ',', thousands: '.' } as const satisfies NumberFormat;

/** Prepares files as a regression on all rows. */
async function prepare(files: readonly { path: string; name: string }[], data: object = {}, split: object = {}) {
  const spec = specOf({
    data: { ...EUROPEAN, ...data },
    task: 'regression',
    split: { test: 0, ...split },
    preprocess: { scale: 'none' },
  });
  const request = { files, fileName: 'table', spec, outDirectory: `${temporaryFolder()}/prepared` };
  expect((await checkData(request)).isWhole).toBe(true);
  return runPreparation(request);
}

const json = (lines: readonly string[]) => ({ path: tableFile(`${lines.join('\n')}\n`), name: 'd.jsonl' });

describe('numbers of JSON', () => {
  it('are what they are whatever the sign of thousands, as features, label, weight and order', async () => {
    const lines = ['{"a":1.633,"w":2.125,"t":3.5,"y":1.001}', '{"a":-1e3,"w":1,"t":2.001,"y":7}'];
    const prepared = await prepare([json(lines)], { weight: 'w', ignore: ['t'] }, { orderBy: 't' });
    expect(readColumn(prepared.shards.train, 'features')).toEqual([Math.fround(1.633), -1000]);
    expect(readColumn(prepared.shards.train, 'weight')).toEqual([2.125, 1]);
    expect(readColumn(prepared.shards.train, 'target')).toEqual([Math.fround(1.001), 7]);
    const tested = await prepare([json(lines)], { weight: 'w', ignore: ['t'] }, { orderBy: 't', test: 0.5 });
    expect(readColumn(tested.shards.testRaw, 'raw/a')).toEqual([1.633]);
  });

  it('stand beside texts of numbers, which are written as the spec says', async () => {
    const lines = ['{"a":1.633,"y":1}', '{"a":"1.633","y":2}', '{"a":"1.633,5","y":"3,5"}'];
    const csv = { path: tableFile('y;a\n1;1.633\n2,5;0,25\n'), name: 'd.csv' };
    const prepared = await prepare([json(lines), csv]);
    expect(readColumn(prepared.shards.train, 'features')).toEqual([Math.fround(1.633), 1633, 1633.5, 1633, 0.25]);
    expect(readColumn(prepared.shards.train, 'target')).toEqual([1, 2, 3.5, 1, 2.5]);
  });

  it('are read so for a model that was trained on texts, and kept as they are spelled', async () => {
    const csv = { path: tableFile('a;y\n1.633,5;1\n2;2\n'), name: 'd.csv' };
    const { preprocessing: plan } = await prepare([csv]);
    const files = [json(['{"a":1.633,"y":1.5}', '{"a":"1.633","y":"1,5"}'])];
    const table = await openTable({ files, fileName: 'd.jsonl', plan, withLabel: true, keep: () => ['a'] });
    for await (const batch of table.batches()) {
      expect(batch.columns.get('a')).toEqual(Float64Array.of(1.633, 1633));
      expect(batch.targets).toEqual(Float64Array.of(1.5, 1.5));
      expect(batch.kept.get('a')).toEqual(['1.633', '1.633']);
    }
  });

  it('are refused by their own text where float64 does not hold them', async () => {
    await expect(prepare([json(['{"a":1,"y":1}', '{"a":12345678901234567.25,"y":2}'])])).rejects.toMatchObject({
      code: 'DATA_VALUE',
      value: '12345678901234567.25',
      message: expect.stringContaining('is written in digits beyond 2^53'),
    });
  });
});

describe('numbers of Parquet', () => {
  beforeAll(buildProcesses, 120_000);

  it('are what they are, where texts are as the spec says', async () => {
    const query = "SELECT 1.633::DOUBLE a, 2.125::DECIMAL(6,3) b, '1.633' t, 7 y UNION ALL SELECT -0.5, 1, '0,5', 8";
    const prepared = await prepare([{ path: await parquetFile(query), name: 'd.parquet' }]);
    const values = [1.633, 2.125, 1633, -0.5, 1, 0.5].map(Math.fround);
    expect(readColumn(prepared.shards.train, 'features')).toEqual(values);
  });
});
