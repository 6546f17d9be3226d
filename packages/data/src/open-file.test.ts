import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { LockstepError } from '@lockstep/protocol/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSource, type SourceOptions } from './open-source.js';
import { openParquetFile } from './parquet-file.js';
import { Rejects } from './rejects.js';
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

/** Ends of the reading of a damaged file. */
const ORDERLY: readonly string[] = [
  ...['rows', 'DATA_UNREADABLE', 'DATA_EMPTY', 'DATA_VALUE', 'DATA_TOO_LARGE', 'DATA_PREPARATION_CRASHED'],
];

/** What the reading of a file ends with: rows, a code of ours, or the name of another error. */
const endOf = (path: string, name = 'data.parquet'): Promise<string> =>
  read(path, name).then(
    () => 'rows',
    (error: Error & { code?: string }) => (error instanceof LockstepError ? error.code : error.name),
  );

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
      refusal('DATA_UNREADABLE', 'data.csv is not Parquet'),
    );
  });

  const csv = 'a,b\n1,x\n';
  it.each([
    ['CSV', 'data.parquet', csv, /^data.parquet is not Parquet: it begins otherwise/, /\.csv, \.jsonl/],
    ['packed CSV', 'data.parquet', gzipSync(csv), /is not Parquet: it is packed with gzip/, /Unpack it/],
    ['nothing', 'data.parquet', '', /^data.parquet is empty/, /./],
    ['Parquet', 'data.csv', 'PAR1\x15\x04\x15', /^data.csv is a Parquet file/, /data\.format: parquet/],
    ['Parquet', 'data.jsonl', 'PAR1\x15\x04\x15', /^data.jsonl is a Parquet file/, /data\.format: parquet/],
    ['JSON lines', 'data.csv', json, /^data.csv holds JSON, not CSV/, /data\.format: jsonl/],
    ['CSV', 'data.jsonl', csv, /^data.jsonl has no line that is an object of JSON: line 1 is no JSON/, /data\.format/],
    ['a workbook', 'data.csv', 'PK\x03\x04\x14\0', /^data.csv is a zip archive or an Excel workbook/, /save the sheet/],
    ['zstd', 'data.csv', Buffer.from('28b52ffd0458', 'hex'), /^data.csv is packed with zstd/, /gzip/],
    ['UTF-16', 'data.csv', Buffer.from(csv, 'utf16le'), /^data.csv is in UTF-16 without a byte order mark/, /utf-16/],
    ['UTF-16', 'data.jsonl', Buffer.from(json, 'utf16le'), /is in UTF-16 without a byte order mark/, /utf-16/],
    ['turned UTF-16', 'data.csv', Buffer.from(csv, 'utf16le').swap16(), /of the other byte order/, /UTF-8/],
  ])('is not guessed: %s in %s is refused with what it is', async (_, name, content, message, fix) => {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
    await expect(read(tableFile(bytes), name)).rejects.toThrow(
      expect.objectContaining({ message: expect.stringMatching(message), fix: expect.stringMatching(fix) }),
    );
  });

  it('has the encoding that its mark says, or is refused', async () => {
    const marked = { 'utf-8': Buffer.from(`\ufeff${csv}`), 'utf-16': Buffer.from(`\ufeff${csv}`, 'utf16le') };
    for (const [own, bytes] of Object.entries(marked)) {
      for (const encoding of ['auto', 'utf-8', 'utf-16', 'latin1'] as const) {
        const result = read(tableFile(bytes), 'data.csv', { encoding });
        if (encoding === 'auto' || encoding === own) expect((await result).rows).toEqual([['1', 'x']]);
        else await expect(result).rejects.toThrow(`and data.encoding is ${encoding}`);
      }
    }
  });

  it('is CSV for a header that begins as other formats do', async () => {
    for (const name of ['PK', 'PAR1', 'BZh'])
      expect((await read(tableFile(`${name},b\n1,2\n`), 'd.csv')).columns[0]).toBe(name);
  });

  it('has the quotes that are said', async () => {
    const content = `a,b\n'x,y',"z\n'it''s',5" pipe\n`;
    expect((await read(tableFile(content), 'd.csv', { quote: "'" })).rows).toEqual([
      ['x,y', '"z'],
      ["it's", '5" pipe'],
    ]);
    expect((await read(tableFile('a,b\n"x,""\n'), 'd.csv', { quote: '' })).rows).toEqual([['"x', '""']]);
  });
});

it('cuts a .tsv at tabs, also where a spec leaves the delimiter open', async () => {
  const { rows } = await read(tableFile('city, country\ty\nOslo, Norway\t1\n'), 'd.tsv', { delimiter: undefined });
  expect(rows).toEqual([['Oslo, Norway', '1']]);
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

  it('that are no objects are bad rows, each named with its reason', async () => {
    await expect(read(tableFile('{"a":1}\n[1]\n{"a":}\n7\n{"a":1,"a":2}\n'), 'd.jsonl')).rejects.toThrow(
      /^4 rows .*: line 2 of d.jsonl is no object of JSON, but an array: "\[1\]"; line 3 .*; line 4 .*; line 5 of d.jsonl is no JSON: duplicate key/,
    );
  });

  it('with no object among them are refused for the reason of the first, not for a header', async () => {
    await expect(read(tableFile('{"a":NaN}\n7\n'), 'd.jsonl', { skipTo: new Rejects(null) })).rejects.toThrow(
      refusal('DATA_UNREADABLE', 'd.jsonl has no line that is an object of JSON: line 1 is no JSON: NaN at position 5'),
    );
    await expect(read(tableFile('{}\n{}\n'), 'd.jsonl')).rejects.toThrow(
      refusal('DATA_EMPTY', 'd.jsonl has objects without keys'),
    );
  });

  it('in one array are read as those of lines, and refused where it is cut or goes on', async () => {
    const rows = [
      { a: 1.5, b: 'x' },
      { a: null, c: true },
    ];
    const lines = await read(tableFile(rows.map((row) => JSON.stringify(row)).join('\n')), 'd.jsonl');
    for (const indent of [0, 2]) {
      const { columns, rows: read2 } = await read(tableFile(`\n ${JSON.stringify(rows, null, indent)}\n`), 'd.json');
      expect([columns, read2]).toEqual([lines.columns, lines.rows]);
    }
    await expect(read(tableFile('[{"a":1},\n{"a":2}'), 'd.json')).rejects.toThrow(
      /^Line 2 of d.json ends within its array/,
    );
    await expect(read(tableFile('[{"a":1}]\n[{"a":2}]'), 'd.json')).rejects.toThrow(/has text behind its array/);
    await expect(read(tableFile('[{"a":1},\n7]'), 'd.json')).rejects.toThrow(
      /^Line 2 of d.json is no object of JSON, but a number/,
    );
  });

  it('in Latin-1, or none at all, are refused', async () => {
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
      ["-('nan'::DOUBLE)", null],
      ["-('nan'::FLOAT)", null],
      ["'-inf'::DOUBLE", '-inf'],
      ['9007199254740994::DOUBLE', '9007199254740994e0'],
      ['1e300::DOUBLE', '1e+300'],
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

  it('names rows by their number in the file, whatever line breaks and bad rows come before', async () => {
    const query = "SELECT unnest(['a\nb', 'x' || chr(0), 'c', chr(0)]) t, unnest([1, 2, 3, 4]) n";
    const path = await parquetFile(query);
    await expect(read(path, 'd.parquet')).rejects.toThrow(
      /^2 rows .*: row 2 of d.parquet has the character NUL .* in column t, .*; row 4 of d.parquet/,
    );
    const { rows, places } = await read(path, 'd.parquet', { skipTo: new Rejects(null) });
    expect(rows.map(([, n]) => n)).toEqual(['1', '3']);
    expect(places).toEqual(['row 1 of d.parquet', 'row 3 of d.parquet']);
  });

  it('A14 that is damaged anywhere is rows or an error of ours, and never hangs or ends this process', async () => {
    const whole = readFileSync(await parquetFile("SELECT i, 'text ' || i AS t, i / 3 AS x FROM range(50) r(i)"));
    // Most of the footer, which says where everything is.
    const footer = whole.length - 8 - whole.readUInt32LE(whole.length - 8);
    const places = [
      ...Array.from({ length: 2 }, (_, at) => 4 + Math.floor((footer * at) / 2)),
      ...Array.from({ length: 8 }, (_, at) => footer + Math.floor(((whole.length - footer) * at) / 8)),
    ];
    const ends = new Set<string>();
    for (const [turn, place] of places.entries()) {
      const damaged = Buffer.from(whole);
      // A length or an offset turned to its largest, a bit of it, or nothing.
      damaged[place] = [0xff, (damaged[place] ?? 0) ^ 0x40, 0][turn % 3] as number;
      const path = join(temporaryFolder(), 'data.parquet');
      writeFileSync(path, turn === 9 ? damaged.subarray(0, place) : damaged);
      ends.add(await endOf(path));
    }
    expect([...ends].filter((end) => !ORDERLY.includes(end))).toEqual([]);
    expect(ends).toContain('DATA_UNREADABLE');
  });

  it('that is damaged is refused', async () => {
    const garbage = join(temporaryFolder(), 'x.parquet');
    writeFileSync(garbage, 'PAR1 and nothing more PAR1');
    await expect(read(garbage, 'x.parquet')).rejects.toThrow(
      refusal('DATA_UNREADABLE', 'x.parquet cannot be read as Parquet'),
    );
  });
});

it('A14 a packed file that is damaged anywhere, or packed again and again, is rows or an error of ours', async () => {
  const whole = gzipSync(Array.from({ length: 200 }, (_, row) => `${row},text ${row % 7}`).join('\n'));
  const ends = new Set<string>();
  for (let place = 2; place < whole.length; place += 3) {
    const damaged = Buffer.from(whole);
    damaged[place] = (damaged[place] ?? 0) ^ (1 << (place % 8));
    ends.add(await endOf(tableFile(damaged), 'data.csv.gz'));
    ends.add(await endOf(tableFile(whole.subarray(0, place)), 'data.csv.gz'));
  }
  ends.add(await endOf(tableFile(gzipSync(gzipSync('a,b\n1,2\n'))), 'data.csv.gz'));
  expect([...ends].filter((end) => !ORDERLY.includes(end))).toEqual([]);
  expect(ends).toContain('DATA_UNREADABLE');
});

it('A14 a file that unpacks to a thousand times its size is refused by a line that does not end', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 'x'));
  expect(bomb.length).toBeLessThan(100_000);
  const error = await read(tableFile(bomb), 'data.csv.gz').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: expect.stringMatching(/^DATA_/), message: expect.stringContaining('Line 1') });
});

describe('the process that reads Parquet', () => {
  /** Ids of the processes that this one has started and that still run. */
  const children = (): string[] =>
    readdirSync('/proc/self/task').flatMap((task) =>
      readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );

  it.each([
    ['SIGSEGV', 'DATA_PREPARATION_CRASHED', 'The process that reads d.parquet was killed by SIGSEGV.'],
    ['SIGKILL', 'DATA_TOO_LARGE', 'd.parquet takes more memory to read than there is'],
  ] as const)('is one error where %s ends it in the middle, and leaves nothing', async (signal, code, message) => {
    const path = await parquetFile("SELECT i, repeat('x', 1000) || i AS t FROM range(20000) r(i)");
    const file = await openParquetFile({ path, name: 'd.parquet' });
    await expect.poll(children).toEqual([]);
    let rows = 0;
    const reading = (async () => {
      for await (const { rowCount } of file.blocks()) {
        if (rows === 0) process.kill(Number(children()[0]), signal);
        rows += rowCount;
      }
    })();
    await expect(reading).rejects.toThrow(refusal(code, message));
    expect(rows).toBeLessThan(20_000);
    await expect.poll(children).toEqual([]);
    expect(readdirSync(dirname(path))).toEqual(['data.parquet']);
  });

  it('is one error where the memory that it may use is not enough', async () => {
    const path = await parquetFile("SELECT repeat('x', 1000000) || i AS t FROM range(200) r(i)");
    const file = await openParquetFile({ path, name: 'd.parquet' }, '32MB');
    const reading = (async () => {
      for await (const { rowCount } of file.blocks()) expect(rowCount).toBeGreaterThan(0);
    })();
    await expect(reading).rejects.toThrow(refusal('DATA_TOO_LARGE', 'than the limit of 32MB'));
  });
});
