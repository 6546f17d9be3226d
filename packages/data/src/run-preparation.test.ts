import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runPreparation } from './run-preparation.js';
import { readColumn } from './testing/shards.js';
import { requestFor, type SpecParts, tableFile } from './testing/tables.js';

const example = (name: string): { path: string } => ({
  path: fileURLToPath(new URL(`../../../examples/${name}/data.csv`, import.meta.url)),
});
const prepare = (content: string, parts?: SpecParts) => runPreparation(requestFor(content, parts));
const error = (code: string, parts: object = {}) => expect.objectContaining({ code, ...parts });
const lines = (...rows: string[]): string => `${rows.join('\n')}\n`;

/** A table of numbers with two classes. */
function numbersTable(count: number): string {
  const rows = Array.from({ length: count }, (_, row) => `${row},${row % 7},${row % 2}`);
  return lines('a,b,y', ...rows);
}

describe('runPreparation', () => {
  it('prepares the reference table: parts, widths, and statistics of the training rows', async () => {
    const request = requestFor(example('breast-cancer'), { data: { label: 'target' } });
    const prepared = await runPreparation(request);
    expect(prepared).toMatchObject({ task: 'binary', labels: ['0', '1'], featureWidth: 30, outputWidth: 1 });
    expect(prepared.rows).toEqual({ train: 455, validation: 0, test: 114, dropped: 0 });
    expect(prepared.warnings).toEqual([]);
    const features = readColumn(prepared.shards.train, 'features') as number[];
    expect(features.length).toBe(455 * 30);
    for (const column of [0, 29]) {
      const values = features.filter((_, index) => index % 30 === column);
      const mean = values.reduce((sum, value) => sum + value, 0) / 455;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 455;
      expect(mean).toBeCloseTo(0, 6);
      expect(variance).toBeCloseTo(1, 6);
    }
    const target = readColumn(prepared.shards.train, 'target') as number[];
    expect(target.filter((value) => value === 1).length).toBe(286);
    expect(new Set(readColumn(prepared.shards.train, 'weight'))).toEqual(new Set([1]));
  });

  it.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])('takes a column named %s', async (name) => {
    const rows = Array.from({ length: 12 }, (_, row) => `${row},${row % 3 ? 'oak' : 'ash'},${row % 2}`);
    expect((await prepare(lines(`${name},wood,y`, ...rows))).featureNames).toEqual([name, 'wood=ash', 'wood=oak']);
    expect((await prepare(lines(`n,${name},y`, ...rows))).featureNames).toEqual(['n', `${name}=ash`, `${name}=oak`]);
  });

  it('writes test rows twice, prepared and as the model takes them, in file order', async () => {
    const prepared = await prepare(
      lines(
        'n,wood,y',
        ...Array.from({ length: 20 }, (_, row) => `${row === 3 ? '' : row},${row % 3 ? 'oak' : ''},${row % 2}`),
      ),
      { split: { test: 0.9 }, preprocess: { scale: 'none' } },
    );
    const raw = readColumn(prepared.shards.testRaw, 'raw/n') as number[];
    const present = raw.filter((value) => !Number.isNaN(value));
    expect(present).toEqual([...present].sort((a, b) => a - b));
    const wood = readColumn(prepared.shards.testRaw, 'raw/wood');
    raw.forEach((value, index) => {
      if (!Number.isNaN(value)) expect(wood[index]).toBe(value % 3 ? 'oak' : '');
    });
    const features = readColumn(prepared.shards.testPrepared, 'features') as number[];
    const first = features.filter((_, index) => index % prepared.featureWidth === 0);
    expect(first.filter((_, index) => !Number.isNaN(raw[index]))).toEqual(present);
    expect(readColumn(prepared.shards.testPrepared, 'target')).toEqual(readColumn(prepared.shards.testRaw, 'target'));
  });

  it('gives the same bytes every time, and other ones for another seed', async () => {
    const hashes = async (seed: number) => {
      const { shards } = await prepare(numbersTable(100), { split: { seed, validation: 0.1 } });
      return [...shards.train, ...shards.validation, ...shards.testPrepared, ...shards.testRaw].map(
        (file) => file.sha256,
      );
    };
    const [once, again, other] = [await hashes(42), await hashes(42), await hashes(43)];
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it('cuts shards of 8,192 rows and says the truth about each', async () => {
    const prepared = await prepare(numbersTable(20_000), { split: { test: 0 } });
    expect(prepared.shards.testRaw).toEqual([]);
    expect(prepared.shards.train.map(({ name, firstRow, rowCount }) => [name, firstRow, rowCount])).toEqual([
      ['train-000000.shard', 0, 8192],
      ['train-000001.shard', 8192, 8192],
      ['train-000002.shard', 16_384, 3616],
    ]);
    for (const { path, bytes, sha256 } of prepared.shards.train) {
      const content = readFileSync(path);
      expect(content.length).toBe(bytes);
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
    }
  });

  it('fits on training rows alone', async () => {
    const prepared = await prepare(numbersTable(50));
    const [a] = prepared.preprocessing.columns;
    const test = readColumn(prepared.shards.testRaw, 'raw/a') as number[];
    const trained = Array.from({ length: 50 }, (_, row) => row).filter((row) => !test.includes(row));
    const mean = trained.reduce((sum, value) => sum + value, 0) / trained.length;
    expect(a).toMatchObject({ name: 'a', fill: expect.closeTo(mean, 12), center: expect.closeTo(mean, 12) });
  });

  it('changes the fingerprint with the data and with every part of the spec that matters, and not with the path', async () => {
    const of = async (content: string, parts?: SpecParts) => (await prepare(content, parts)).fingerprint;
    const table = numbersTable(20);
    const same = await of(table);
    expect(await of(table, { data: { path: 'elsewhere.csv' } })).toBe(same);
    const others = [
      await of(`${table}20,6,0\n`),
      await of(table, { split: { seed: 1 } }),
      await of(table, { preprocess: { scale: 'minMax' } }),
      await of(table, { data: { ignore: ['b'] } }),
    ];
    expect(new Set([same, ...others]).size).toBe(5);
  });

  it('drops rows with missing cells where the spec says so, and counts them', async () => {
    const table = lines('a,b,y', '1,,0', ...Array.from({ length: 19 }, (_, row) => `${row},${row},${row % 2}`));
    const prepared = await prepare(table, { columns: { b: { missing: 'drop' } } });
    expect(prepared.rows).toEqual({ train: 15, validation: 0, test: 4, dropped: 1 });
  });

  it('uses every row of a file with codes, late halves and late text, with its type from the whole file', async () => {
    const row = (at: number): string =>
      `${at % 50},${at === 20_949 ? 3.5 : at % 9},${at < 20_989 ? '' : 'A7'},${at % 2}`;
    const table = lines('build,units,code,y', ...Array.from({ length: 21_000 }, (_, at) => row(at)));
    const prepared = await prepare(table, { split: { test: 0 } });
    expect(prepared.preprocessing.columns.map(({ type }) => type)).toEqual(['number', 'number', 'text']);
    expect(prepared.rows.train).toBe(21_000);
    const late = table.replace('\n0,', '\n0,').replace(`\n${row(20_899)}`, `\n11.0.1${row(20_899).slice(2)}`);
    await expect(prepare(late)).rejects.toThrow(error('DATA_VALUE', { field: 'build', value: '11.0.1' }));
  });

  it('encodes labels by their order and keeps a class of one row for training, with a warning', async () => {
    const table = lines(
      'a,y',
      ...['7', '3', '4', '3', '4', '3', '4', '3', '4', '3', '4'].map((y, row) => `${row},${y}`),
    );
    const prepared = await prepare(table, { task: 'multiclass' });
    expect(prepared).toMatchObject({ labels: ['3', '4', '7'], outputWidth: 3 });
    expect(readColumn(prepared.shards.train, 'target')).toContain(2);
    expect(prepared.warnings).toEqual([
      'The class "7" has no test rows: all of them are used for training, and test metrics say nothing about them.',
    ]);
  });

  it('takes a number as the target of a regression', async () => {
    const prepared = await prepare(lines('a,y', '1,0.1', '2,-3', '3,1e3'), { task: 'regression', split: { test: 0 } });
    expect(prepared).toMatchObject({ labels: null, outputWidth: 1 });
    expect(readColumn(prepared.shards.train, 'target')).toEqual([Math.fround(0.1), -3, 1000]);
  });

  it('leaves rows without a usable label out where the spec says so, and counts them', async () => {
    const labels = { trim: true, foldCase: false, onUnusable: 'drop' } as const;
    const table = lines('a,y', '1,0', '2,', '3,1', '4,0', '5,1', '6,NA', '7, 1 ');
    const prepared = await prepare(table, { data: { labels }, split: { test: 0 } });
    expect(prepared).toMatchObject({ labels: ['0', '1'], rows: { train: 5, dropped: 2 } });
    expect(readColumn(prepared.shards.train, 'target')).toEqual([0, 1, 0, 1, 1]);
    expect(prepared.warnings).toEqual([
      '2 rows have no usable label y and are left out: row 2 (line 3), row 6 (line 7).',
    ]);
    const numbers = await prepare(lines('a,y', '1,0.5', '2,inf', '3,1', '4,x'), {
      ...{ data: { labels }, split: { test: 0 }, task: 'regression' },
    });
    expect(readColumn(numbers.shards.train, 'target')).toEqual([0.5, 1]);
  });

  it('fills booleans and dates with what their cells could hold', async () => {
    const table = 'at,paid,y\n2024-01-01,yes,0\n,,1\n2024-01-03,no,0\n2024-01-03,no,1\n';
    const { preprocessing } = await runPreparation(
      requestFor(table, {
        split: { test: 0 },
        columns: {
          at: { missing: 'constant', fill: '2024-02-29', dateParts: ['timestamp', 'dayOfMonth'] },
          paid: { missing: 'constant', fill: true },
        },
      }),
    );
    expect(preprocessing.columns.map(({ name, fill }) => [name, fill])).toEqual([
      ['at', Date.UTC(2024, 1, 29)],
      ['at.dayOfMonth', 29],
      ['paid', 1],
    ]);
  });

  it('takes no target that float32 cannot hold', async () => {
    const table = lines('a,y', '1,0.5', '2,-1e39', '3,1', '4,2');
    const parts = { task: 'regression', split: { test: 0 } } as const;
    await expect(prepare(table, parts)).rejects.toThrow(
      error('DATA_LABEL', {
        ...{ field: 'y', value: '-1e+39' },
        message: 'The label y cannot be used: -1e+39 in row 2 (line 3) is beyond the range of float32.',
      }),
    );
    const labels = { trim: true, foldCase: false, onUnusable: 'drop' } as const;
    const prepared = await prepare(table, { ...parts, data: { labels } });
    expect(readColumn(prepared.shards.train, 'target')).toEqual([0.5, 1, 2]);
  });

  it('makes each part of a date a feature, fitted on its own, and keeps one raw column', async () => {
    const table = lines('at,y', '2024-01-01 06:00,0', '2024-01-02 18:00,1', ',0', '2024-01-03,1');
    const parts = { split: { test: 0 }, columns: { at: { dateParts: ['hour', 'dayOfWeek'], scale: 'none' } } } as const;
    const prepared = await prepare(table, {
      ...parts,
      columns: { at: { ...parts.columns.at, dateParts: ['hour', 'dayOfWeek'] } },
    });
    expect(prepared.featureNames).toEqual(['at.hour', 'at.dayOfWeek']);
    expect(readColumn(prepared.shards.train, 'features')).toEqual([6, 1, 18, 2, 8, 2, 0, 3]);
    const held = await prepare(table, { split: { test: 0.5 } });
    expect(held.featureNames).toEqual(['at']);
    expect(readColumn(held.shards.testRaw, 'raw/at')).toHaveLength(2);
  });

  it('keeps groups together, and makes no feature of them', async () => {
    const rows = Array.from({ length: 60 }, (_, row) => `${row},c-${row % 12},${row % 2}`);
    const prepared = await prepare(lines('a,customer,y', ...rows), {
      split: { groupBy: 'customer', stratify: false, test: 0.25 },
      preprocess: { scale: 'none' },
    });
    expect(prepared).toMatchObject({ featureNames: ['a'], rows: { train: 45, test: 15 } });
    const groupsOf = (values: unknown[]) => new Set((values as number[]).map((a) => a % 12));
    const held = groupsOf(readColumn(prepared.shards.testRaw, 'raw/a'));
    const trained = groupsOf(readColumn(prepared.shards.train, 'features'));
    expect([...held].filter((group) => trained.has(group))).toEqual([]);
  });

  it('tests on the last rows in time', async () => {
    const table = lines('at,a,y', '2024-03-01,1,0', '2024-01-01,2,1', '2024-04-01,3,0', '2024-02-01,4,1');
    const split = { orderBy: 'at', stratify: false, test: 0.25 };
    const prepared = await prepare(table, { split, task: 'regression', data: { ignore: ['at'] } });
    expect(readColumn(prepared.shards.testRaw, 'raw/a')).toEqual([3]);
    await expect(prepare(table.replace('2024-03-01', ''), { split, data: { ignore: ['at'] } })).rejects.toThrow(
      error('DATA_VALUE', { message: expect.stringContaining('Column at, row 1 (line 2): the cell is missing') }),
    );
  });

  it('weighs training rows by a column and by their class, and no others', async () => {
    const rows = Array.from({ length: 12 }, (_, row) => `${row},${row % 4},${row % 3 === 0 ? 'yes' : 'no'}`);
    const parts = { data: { weight: 'w' }, train: { classWeights: 'balanced' }, split: { test: 0.25 } } as const;
    const prepared = await prepare(lines('a,w,y', ...rows), { ...parts, preprocess: { scale: 'none' } });
    expect(prepared).toMatchObject({ featureNames: ['a'], rows: { train: 9, test: 3 }, classWeights: [0.75, 1.5] });
    const weights = readColumn(prepared.shards.train, 'weight') as number[];
    const expected = (readColumn(prepared.shards.train, 'features') as number[]).map(
      (a) => (a % 4) * (a % 3 === 0 ? 1.5 : 0.75),
    );
    expect(weights).toEqual(expected);
    expect(readColumn(prepared.shards.testPrepared, 'weight')).toEqual([1, 1, 1]);
    const named = await prepare(lines('a,w,y', ...rows), { ...parts, train: { classWeights: { yes: 5 } } });
    expect(named.classWeights).toEqual([1, 5]);
    expect(named.fingerprint).not.toBe(prepared.fingerprint);
  });

  it('tells the empty text from one of the control characters that stand for it', async () => {
    const table = lines('t,y', '"",0', '\u0002\u0003,1', '\u0002\u0002\u0003,0', ',1', 'a,0', '"",1');
    const { featureNames, preprocessing } = await prepare(table, { split: { test: 0 } });
    expect(featureNames).toHaveLength(5);
    expect(preprocessing.columns[0]).toMatchObject({
      categories: ['', '\u0002\u0002\u0002\u0003', '\u0002\u0002\u0003', '\u0002\u0003', 'a'],
    });
  });

  it('puts the positive class second, and warns of classes that differ in case', async () => {
    const labels = { trim: true, foldCase: false, onUnusable: 'fail', positive: 'no' } as const;
    const table = lines('a,y', '1,no', '2,yes', '3,no', '4,yes');
    expect((await prepare(table, { data: { labels }, split: { test: 0 } })).labels).toEqual(['yes', 'no']);
    const mixed = await prepare(lines('a,y', '1,no', '2,No', '3,no', '4,No'), { split: { test: 0 } });
    expect(mixed.warnings).toEqual([expect.stringContaining('"No" and "no" differ only in case')]);
  });

  it('warns where leading zeros alone made a column text', async () => {
    const prepared = await prepare(lines('zip,y', '10115,0', '01067,1', '10115,0', '01067,1'), { split: { test: 0 } });
    expect(prepared.preprocessing.columns[0]).toMatchObject({ type: 'text', categories: ['01067', '10115'] });
    expect(prepared.warnings).toEqual([
      expect.stringContaining('Column zip is text because of leading zeros (row 2: "01067")'),
    ]);
  });
});

describe('runPreparation refuses', () => {
  it('a feature that would be infinite in float32, and a part of a date with the name of a column', async () => {
    const table = lines('a,y', '1,0', '-1e39,1', '3,0', '4,1');
    await expect(prepare(table, { split: { test: 0 }, preprocess: { scale: 'none' } })).rejects.toThrow(
      error('DATA_VALUE', {
        ...{ field: 'a', value: '-1e+39', fix: 'Set scale: standard or minMax for a, or mend the values.' },
        message: 'Column a reaches from -1e+39 to 4: with scale: none that is beyond float32, in which features are.',
      }),
    );
    expect((await prepare(table, { split: { test: 0 } })).featureNames).toEqual(['a']);
    const dates = lines('at,at.hour,y', '2024-01-01,1,0', '2024-01-02,2,1', '2024-01-03,3,0', '2024-01-04,4,1');
    await expect(prepare(dates, { columns: { at: { dateParts: ['hour'] } } })).rejects.toThrow(
      error('DATA_VALUE', { field: 'at.hour' }),
    );
  });

  const two = ['1,2,0', '3,4,1', '5,6,0', '7,8,1'];
  const one = (parts: SpecParts, field: string, code: string, message: string): [SpecParts, string, string, string] => [
    parts,
    field,
    code,
    message,
  ];

  it.each([
    one({ data: { label: 'Y' } }, 'data.label', 'DATA_COLUMN_NOT_FOUND', 'no column Y. Did you mean y?'),
    one({ data: { ignore: ['c'] } }, 'data.ignore', 'DATA_COLUMN_NOT_FOUND', 'no column c.'),
    one({ data: { types: { aa: 'text' } } }, 'data.types.aa', 'DATA_COLUMN_NOT_FOUND', 'no column aa. Did you mean a?'),
    one({ columns: { z: {} } }, 'preprocess.columns.z', 'DATA_COLUMN_NOT_FOUND', 'no column z.'),
    one({ columns: { y: { scale: 'none' } } }, 'preprocess.columns.y', 'SPEC_CONTRADICTION', 'which is the label'),
    one({ data: { ignore: ['a', 'b'] } }, 'data.ignore', 'DATA_COLUMN_NOT_FOUND', 'no feature columns'),
    one({ columns: { a: { encode: 'oneHot' } } }, 'preprocess.columns.a.encode', 'SPEC_CONTRADICTION', 'holds numbers'),
    one({ columns: { a: { missing: 'category' } } }, 'preprocess.columns.a.missing', 'SPEC_CONTRADICTION', 'for text'),
    one(
      { columns: { a: { dateParts: ['hour'] } } },
      'preprocess.columns.a.dateParts',
      'SPEC_CONTRADICTION',
      'for dates',
    ),
    one(
      { columns: { a: { missing: 'constant', fill: 'oak' } } },
      'preprocess.columns.a.fill',
      'SPEC_CONTRADICTION',
      'holds numbers, but its fill is text',
    ),
    one({ columns: { a: { fill: 3 } } }, 'preprocess.columns.a.fill', 'SPEC_CONTRADICTION', 'but missing: mean'),
    one(
      { data: { types: { a: 'text' } }, columns: { a: { scale: 'none' } } },
      'preprocess.columns.a.scale',
      'SPEC_CONTRADICTION',
      'holds text',
    ),
  ])('%j, naming %s', async (parts, field, code, message) => {
    await expect(prepare(lines('a,b,y', ...two), parts)).rejects.toThrow(
      error(code, { field, message: expect.stringContaining(message) }),
    );
  });

  it('a header without rows', async () => {
    await expect(prepare('a,y\n')).rejects.toThrow(
      error('DATA_EMPTY', { message: 'data.csv has a header but no rows.' }),
    );
  });

  it('a file whose first line is data, when the label is not found', async () => {
    await expect(prepare('5.1,3.5,setosa\n4.9,3.0,setosa\n')).rejects.toThrow(
      error('DATA_VALUE', { message: expect.stringContaining('no header') }),
    );
  });

  it('a column without values, by name', async () => {
    await expect(prepare(lines('a,b,y', '1,,0', '2,NA,1'))).rejects.toThrow(
      error('DATA_COLUMN_EMPTY', { field: 'b', fix: expect.stringContaining('data.ignore') }),
    );
  });

  it('missing labels, with their rows and lines', async () => {
    await expect(prepare(lines('a,y', '"1\n",0', '2,', '3,1', '4,NA'))).rejects.toThrow(
      error('DATA_LABEL', {
        message: 'The label y cannot be used: it is missing in row 2 (line 4), row 4 (line 6).',
        value: '2 missing',
      }),
    );
    await expect(prepare(lines('a,y', ...Array.from({ length: 9 }, (_, row) => `${row},`)))).rejects.toThrow(
      'row 5 (line 6) and 4 more.',
    );
  });

  it('all kinds of unusable targets of a regression at once', async () => {
    await expect(
      prepare(lines('a,y', '1,0.1', '2,', '3,nan', '4,inf', '5,0.5'), { task: 'regression' }),
    ).rejects.toThrow(
      error('DATA_LABEL', {
        message:
          'The label y cannot be used: it is missing in row 2 (line 3), row 3 (line 4); "inf" in row 4 (line 5) is not a finite number.',
      }),
    );
  });

  it.each(['nope', 'inf', '1,5', '2024-01-31', '1/2/2024', 'true'])(
    'the label %s of a regression, with its line',
    async (cell) => {
      await expect(prepare(lines('a,y', '1,2', `2,"${cell}"`), { task: 'regression' })).rejects.toThrow(
        error('DATA_LABEL', { value: cell, message: expect.stringContaining('row 2 (line 3)') }),
      );
    },
  );

  it('an order by words, and groups that are too few', async () => {
    const table = lines('w,a,y', 'x,1,0', 'y,2,1', 'x,3,0', 'y,4,1');
    await expect(prepare(table, { split: { orderBy: 'w', stratify: false } })).rejects.toThrow(
      error('DATA_VALUE', { field: 'split.orderBy', message: expect.stringContaining('holds text') }),
    );
    await expect(prepare(table, { split: { groupBy: 'w', stratify: false, validation: 0.2 } })).rejects.toThrow(
      error('DATA_VALUE', { field: 'split.groupBy', message: expect.stringContaining('2 groups, but there are 3') }),
    );
    await expect(prepare(table, { split: { groupBy: 'v', stratify: false } })).rejects.toThrow(
      error('DATA_COLUMN_NOT_FOUND', { field: 'split.groupBy' }),
    );
  });

  it.each(['-1', '', 'x', '1e39', 'inf'])('the weight %j, with its line', async (cell) => {
    await expect(prepare(lines('a,w,y', '1,1,0', `2,${cell},1`), { data: { weight: 'w' } })).rejects.toThrow(
      error('DATA_VALUE', {
        ...{ field: 'w', value: cell },
        message: expect.stringMatching(cell === '1e39' ? /row 2 \(line 3\): .* float32/ : /row 2 \(line 3\): .*weigh/),
      }),
    );
  });

  it('weights that train nothing, or that float32 does not hold once multiplied', async () => {
    const table = (...weights: string[]) => lines('a,w,y', ...weights.map((w, row) => `${row},${w},${row % 2}`));
    const data = { weight: 'w' };
    await expect(prepare(table('0', '0', '0', '1e-60'), { data })).rejects.toThrow(
      error('DATA_VALUE', { field: 'w', message: expect.stringContaining('Every training row has the weight 0') }),
    );
    await expect(
      prepare(lines('a,y', '1,0', '2,1'), { train: { classWeights: { 0: 1e39 } }, split: { test: 0 } }),
    ).rejects.toThrow(
      error('DATA_VALUE', { field: 'train.classWeights', message: expect.stringContaining('is beyond 3.4e38') }),
    );
    const train = { classWeights: { 0: 0, 1: 0 } };
    await expect(prepare(table('1', '1', '1', '1'), { train })).rejects.toThrow(
      error('DATA_VALUE', { field: 'train.classWeights' }),
    );
    const split = { test: 0 };
    await expect(prepare(table('1', '1e38'), { data, train: { classWeights: { 1: 9 } }, split })).rejects.toThrow(
      error('DATA_VALUE', { message: expect.stringContaining('The weight of row 2 (line 3) times that of its class') }),
    );
  });

  it('a weight of a class that there is not', async () => {
    const train = { classWeights: { maybe: 2 } };
    await expect(prepare(lines('a,y', '1,no', '2,yes'), { train, split: { test: 0 } })).rejects.toThrow(
      error('DATA_LABEL', { value: 'maybe', fix: 'Classes: "no", "yes".' }),
    );
  });

  it('a positive class that there is not', async () => {
    const labels = { trim: true, foldCase: false, onUnusable: 'fail', positive: 2 } as const;
    await expect(prepare(lines('a,y', '1,0', '2,1'), { data: { labels } })).rejects.toThrow(
      error('DATA_LABEL', { field: 'data.labels.positive', value: '2' }),
    );
  });

  it('a single class, and three for a binary loss', async () => {
    await expect(prepare(lines('a,y', '1,0', '2,0'))).rejects.toThrow(error('DATA_LABEL'));
    await expect(prepare(lines('a,y', '1,0', '2,1', '3,2'))).rejects.toThrow(error('DATA_LABEL', { value: '3' }));
  });

  it('a class of which every row is dropped', async () => {
    await expect(
      prepare(lines('a,y', '1,0', '2,1', ',2'), {
        task: 'multiclass',
        preprocess: { missing: 'drop' },
        split: { test: 0 },
      }),
    ).rejects.toThrow(error('DATA_LABEL', { value: '2', message: expect.stringContaining('no training rows') }));
  });

  it('more categories than allowed, with their number', async () => {
    const table = lines('id,y', ...Array.from({ length: 3000 }, (_, row) => `s${row},${row % 2}`));
    await expect(prepare(table, { split: { test: 0 } })).rejects.toThrow(
      error('DATA_TOO_MANY_CATEGORIES', {
        field: 'id',
        message: 'Column id has 3000 different values in 3000 rows, at most 1000 are encoded.',
      }),
    );
  });

  it('numbers that cannot be scaled, and numbers that float32 cannot hold', async () => {
    await expect(prepare(lines('a,y', '1e308,0', '-1e308,1'), { split: { test: 0 } })).rejects.toThrow(
      error('DATA_VALUE', { field: 'a' }),
    );
    const unscaled: SpecParts = { split: { test: 0 }, preprocess: { scale: 'none' } };
    await expect(prepare(lines('b,a,y', '1,1e300,0', '1,2,1'), unscaled)).rejects.toThrow(
      error('DATA_VALUE', { field: 'a', message: expect.stringContaining('float32') }),
    );
  });

  it.each([
    ['a value that cannot be kept', lines('b,a,y', '1,1e300,0', '1,2,1')],
    ['a header that names a column twice', lines('a,a,y', '1,2,0', '1,2,1')],
  ])('and leaves nothing behind: %s', async (_why, content) => {
    const request = requestFor(content, { preprocess: { scale: 'none' } });
    await expect(runPreparation(request)).rejects.toThrow();
    expect(readdirSync(dirname(request.outDirectory))).toEqual([]);
  });

  it('a folder that cannot be written', async () => {
    const request = requestFor(numbersTable(10));
    const file = join(dirname(request.outDirectory), 'file');
    writeFileSync(file, '');
    await expect(runPreparation({ ...request, outDirectory: join(file, 'out') })).rejects.toThrow(
      error('OUTPUT_UNWRITABLE'),
    );
  });

  it('to keep what an earlier, interrupted preparation left', async () => {
    const request = requestFor(numbersTable(10));
    mkdirSync(`${request.outDirectory}.partial`, { recursive: true });
    writeFileSync(join(`${request.outDirectory}.partial`, 'old.shard'), 'x');
    await runPreparation(request);
    expect(existsSync(`${request.outDirectory}.partial`)).toBe(false);
    expect(readdirSync(request.outDirectory)).not.toContain('old.shard');
  });

  it('a file that changed while it was read', async () => {
    const path = tableFile(numbersTable(40_000));
    const running = runPreparation(requestFor({ path }));
    setTimeout(() => writeFileSync(path, numbersTable(40_001)), 20);
    await expect(running).rejects.toThrow(error('DATA_UNREADABLE', { message: expect.stringContaining('changed') }));
  });
});
