import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSource, type SourceOptions } from './open-source.js';
import type { Row } from './table-source.js';
import { buildProcesses, parquetFile } from './testing/parquet.js';
import { tableFile, temporaryFolder } from './testing/tables.js';

interface Read {
  readonly columns: readonly string[];
  readonly rows: Row[];
  readonly places: string[];
}

async function read(path: string, name: string, options: Partial<SourceOptions> = {}): Promise<Read> {
  const table = await openSource({ files: [{ path, name }], nulls: ['', 'NA', 'nan'], ...options });
  const rows: Row[] = [];
  for await (const some of table.rows()) rows.push(...some);
  return { columns: table.columns, rows, places: rows.map((_, row) => table.lineOf(row)) };
}

const refusal = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

beforeAll(buildProcesses, 120_000);

describe('the format of a file', () => {
  const json = '{"a":1,"b":"x"}\n';

  it.each([
    ['data.jsonl', json],
    ['data.ndjson.gz', gzipSync(json)],
    ['data', json],
    ['data.json', `\n ${json}`],
    ['data.tsv', 'a\tb\n1\tx\n'],
    ['data.tsv.gz', gzipSync('a\tb\n1\tx\n')],
    ['data', 'a,b\n1,x\n'],
  ])('is found for %s', async (name, content) => {
    expect(await read(tableFile(content), name)).toMatchObject({ columns: ['a', 'b'], rows: [['1', 'x']] });
  });

  it('goes by the content where the name says nothing, also for Parquet', async () => {
    const path = await parquetFile("SELECT 1 a, 'x' b");
    expect(await read(path, 'an-upload')).toMatchObject({ columns: ['a', 'b'], rows: [['1', 'x']] });
  });

  it('is the one that is said, whatever the name', async () => {
    expect((await read(tableFile(json), 'data.csv', { format: 'jsonl' })).rows).toEqual([['1', 'x']]);
    await expect(read(tableFile(json), 'data.csv', { format: 'parquet' })).rejects.toThrow(
      refusal('DATA_UNREADABLE', 'data.csv cannot be read as Parquet'),
    );
  });
});

describe('JSON lines', () => {
  it('keep numbers as they are spelled, null from empty text, and find keys on every line', async () => {
    const lines = [
      '{"id":18446744073709551615,"x":1.10,"t":""}',
      '{"t":"NA","id":9007199254740993,"x":-0.0,"late":true}',
      '',
      '{"id":null,"x":1e400,"t":"a\\u00e9\\"\\n","deep":{"k":[1.50]}}',
    ];
    expect(await read(tableFile(lines.join('\r\n')), 'd.jsonl')).toEqual({
      columns: ['id', 'x', 't', 'late', 'deep'],
      rows: [
        ['18446744073709551615', '1.10', '', null, null],
        ['9007199254740993', '-0.0', 'NA', 'true', null],
        [null, '1e400', 'aé"\n', null, '{"k":[1.50]}'],
      ],
      places: ['line 1', 'line 2', 'line 4'],
    });
  });

  it('that are no objects are bad rows, each named', async () => {
    await expect(read(tableFile('{"a":1}\n[1]\n{"a":}\n7\n{"a":1,"a":2}\n'), 'd.jsonl')).rejects.toThrow(
      /^4 rows .*: line 2 of d.jsonl is no object of JSON: "\[1\]"; line 3 .*; line 4 .*; line 5 of/,
    );
  });

  it('in one array, in Latin-1, or none at all, are refused', async () => {
    await expect(read(tableFile('[{"a":1}]'), 'd.jsonl')).rejects.toThrow(refusal('DATA_UNREADABLE', 'is one array'));
    await expect(read(tableFile(Buffer.from('{"a":1}\n{"a":"\xe9"}', 'latin1')), 'd.jsonl')).rejects.toThrow(
      refusal('DATA_UNREADABLE', 'Line 2 of d.jsonl is not in UTF-8: the byte 0xE9'),
    );
    await expect(read(tableFile(' \n'), 'd.jsonl')).rejects.toThrow(refusal('DATA_EMPTY', 'd.jsonl is empty'));
  });
});

describe('Parquet', () => {
  it('gives every value as its text: int64 and decimals digit by digit, dates, booleans, null from empty', async () => {
    const values: readonly (readonly [sql: string, text: string | null])[] = [
      ['18446744073709551615::UBIGINT', '18446744073709551615'],
      ['1.10::DECIMAL(5,2)', '1.10'],
      ["DATE '2026-01-02'", '2026-01-02'],
      ["TIMESTAMP '2026-01-02 03:04:05.5'", '2026-01-02 03:04:05.5'],
      ["TIMESTAMPTZ '2026-01-02 03:04:05+01'", '2026-01-02 02:04:05+00'],
      ['true', 'true'],
      ["'x\"y,\n1'", 'x"y,\n1'],
      ["''", ''],
      ['NULL::VARCHAR', null],
      ["'NA'", 'NA'],
      ["'nan'::DOUBLE", null],
      ['0.1::FLOAT', '0.1'],
      ['[1, 2]', '[1, 2]'],
    ];
    const path = await parquetFile(`SELECT ${values.map(([sql], at) => `${sql} AS "c,${at}"`).join(', ')}`);
    expect(await read(path, 'd.parquet')).toEqual({
      columns: values.map((_, at) => `c,${at}`),
      rows: [values.map(([, text]) => text)],
      places: ['row 1 of d.parquet'],
    });
  });

  it('keeps the order of rows, whatever number of threads wrote them', async () => {
    const query = "SELECT i::VARCHAR AS a, 'text ' || i AS b FROM range(20000) t(i)";
    const [one, eight] = [await read(await parquetFile(query, 1), 'd'), await read(await parquetFile(query, 8), 'd')];
    expect(one.rows.every(([a], row) => a === String(row))).toBe(true);
    expect(eight).toEqual(one);
  });

  it('that is damaged is refused', async () => {
    const garbage = join(temporaryFolder(), 'x.parquet');
    writeFileSync(garbage, 'PAR1 and nothing more PAR1');
    await expect(read(garbage, 'x.parquet')).rejects.toThrow(
      refusal('DATA_UNREADABLE', 'x.parquet cannot be read as Parquet'),
    );
  });
});
