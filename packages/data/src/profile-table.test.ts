import { parseJobSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import type { TableProfile } from './core/profile/profile.js';
import { profileTable } from './profile-table.js';
import { tableFile } from './testing/tables.js';

const ROWS = 200;

/** A table of columns by name, profiled. */
async function profile(
  columns: Readonly<Record<string, (row: number) => string | number>>,
  label?: string,
): Promise<TableProfile> {
  const lines = Array.from({ length: ROWS }, (_, row) =>
    Object.values(columns)
      .map((cell) => cell(row))
      .join(','),
  );
  const path = tableFile(`${[Object.keys(columns).join(','), ...lines].join('\n')}\n`);
  return profileTable({ files: [{ path, name: 'data.csv' }], name: 'data.csv', label });
}

/** "kind column: yaml" of every finding. */
const found = ({ findings }: TableProfile): string[] =>
  findings.map(({ kind, column, yaml }) => `${kind} ${column}: ${yaml}`);

/** A class for each row, without a pattern that other columns share. */
const classOf = (row: number): string => ((row * 7919) % 31 < 12 ? 'yes' : 'no');
const noise = (row: number): number => (row * 104_729) % 97;
/** Different in every row, and no id. */
const unique = (row: number): number => ((row * 7919) % 1009) + 0.5;

describe('profileTable', () => {
  it('says of each column its type, missing cells, values, range and quantiles', async () => {
    const { columns, rowCount, sampleRows, duplicateRows } = await profile({
      a: (row) => (row % 10 === 0 ? '' : row),
      b: (row) => `word ${row % 3}`,
      c: unique,
    });
    expect({ rowCount, sampleRows, duplicateRows }).toEqual({
      ...{ rowCount: ROWS, sampleRows: ROWS, duplicateRows: { rows: 0, isExact: true } },
    });
    expect(columns[0]).toMatchObject({ name: 'a', type: 'number', missing: 20, distinct: 180 });
    expect(columns[0]?.numbers).toMatchObject({ minimum: 1, maximum: 199 });
    expect(columns[0]?.numbers?.quantiles[2]).toBe(100);
    expect(columns[1]).toMatchObject({ type: 'text', distinct: 3, numbers: null });
    expect(columns[1]?.bars).toEqual([
      { label: 'word 0', rows: 67 },
      { label: 'word 1', rows: 67 },
      { label: 'word 2', rows: 66 },
    ]);
  });

  it.each<[string, (row: number) => string | number, string[]]>([
    ['a constant', () => 7, ['constant x: data: { ignore: [x] }']],
    ['nothing', () => '', ['empty x: data: { ignore: [x] }']],
    ['an id', (row) => `C${row}`, ['identifier x: data: { ignore: [x] }']],
    ['a running number', (row) => row + 1000, ['identifier x: data: { ignore: [x] }']],
    ['numbers that only hint at the label', (row) => noise(row) + (classOf(row) === 'yes' ? 40 : 0), []],
    [
      'the label in other words',
      (row) => (classOf(row) === 'yes' ? 'left' : 'stayed'),
      ['leakage x: data: { ignore: [x] }'],
    ],
    [
      'the label by a threshold',
      (row) => noise(row) + (classOf(row) === 'yes' ? 1000 : 0),
      ['leakage x: data: { ignore: [x] }'],
    ],
    [
      'many words',
      (row) => `w${noise(row) % 60}x`,
      ['manyCategories x: preprocess: { columns: { x: { minFrequency: 0.01, unknown: rare } } }'],
    ],
    ['one word twice', (row) => ['oak', 'Oak ', 'elm'][row % 3]!, ['sameValue x: ']],
    [
      'numbers that miss',
      (row) => (row % 4 ? noise(row) : ''),
      ['missing x: preprocess: { columns: { x: { missing: median, indicator: true } } }'],
    ],
    [
      'numbers far off',
      (row) => (row === 9 ? 1e6 : noise(row)),
      ['farOutliers x: preprocess: { columns: { x: { outliers: { method: iqr, threshold: 3, action: clip } } } }'],
    ],
    ['numbers and a slip', (row) => (row === 9 ? 'n/k' : noise(row)), ['unusable x: ']],
    ['decimal commas', (row) => `"${noise(row)},25"`, ['unusable x: data: { decimal: "," }']],
    ['both signs', (row) => `"1.${100 + noise(row)},25"`, ['unusable x: data: { decimal: ",", thousands: . }']],
    ['commas that may be either', (row) => `"1,${100 + noise(row)}"`, ['unusable x: ']],
    ['big ids', (row) => `9007199254740${993 + row}`, ['unusable x: data: { ignore: [x] }']],
    [
      'big ids that come again',
      (row) => `90071992547409${93 + (row % 7)}`,
      ['unusable x: data: { types: { x: text } }'],
    ],
    [
      'dates of one order',
      (row) => `${13 + (row % 15)}.01.2024`,
      ['unusable x: data: { dateFormats: { x: d.M.yyyy } }'],
    ],
    ['numbers', (row) => noise(row), []],
  ])('finds a column of %s', async (_, cell, expected) => {
    expect(found(await profile({ x: cell, other: unique, y: classOf }, 'y'))).toEqual(expected);
  });

  it('finds trouble of the label: no value, spellings, rare classes, numbers in other units', async () => {
    const dirty = await profile({ x: unique, y: (row) => (row === 0 ? '' : row === 1 ? 'Yes' : classOf(row)) }, 'y');
    expect(found(dirty)).toEqual([
      'labelMissing y: data: { labels: { onUnusable: drop } }',
      'sameLabel y: data: { labels: { foldCase: true } }',
      'rareClass y: split: { stratify: true }',
    ]);
    expect(dirty.classes[0]?.label).toBe('no');
    const other = await profile({ x: (row) => 3 * unique(row), y: unique }, 'y');
    expect(found(other)).toEqual(['leakage x: data: { ignore: [x] }']);
    expect(other.classes).toEqual([]);
  });

  it('finds a label that has no values, and one of numbers that are written in another way', async () => {
    expect(found(await profile({ x: unique, y: () => '' }, 'y'))).toEqual(['labelMissing y: ']);
    const comma = await profile({ x: unique, y: (row) => `"${noise(row)},5"` }, 'y');
    expect(found(comma)[0]).toBe('unusable y: data: { decimal: "," }');
  });

  it('reads numbers in the way that it is told', async () => {
    const path = tableFile('a;b\n1.299,5;x\n3,25;y\n');
    const numbers = { decimal: ',', thousands: '.' } as const;
    const { columns } = await profileTable({ files: [{ path, name: 'data.csv' }], name: 'data.csv', numbers });
    expect(columns[0]?.numbers).toMatchObject({ minimum: 3.25, maximum: 1299.5 });
  });

  it('takes numbers that the file itself holds for what they are', async () => {
    const path = tableFile('{"x":1.633,"t":"1.633","y":1.001}\n{"x":2,"t":"0,5","y":1.002}\n', 'd.jsonl');
    const numbers = { decimal: ',', thousands: '.' } as const;
    const { columns } = await profileTable({ files: [{ path, name: 'd.jsonl' }], name: 'd.jsonl', numbers });
    expect(columns.map((column) => column.numbers)).toMatchObject([
      { minimum: 1.633, maximum: 2, mean: (1.633 + 2) / 2 },
      { minimum: 0.5, maximum: 1633 },
      { minimum: 1.001, maximum: 1.002 },
    ]);
    // Of the sample.
    expect(columns[0]?.numbers?.quantiles[2]).toBeCloseTo((1.633 + 2) / 2, 12);
    expect(columns[0]?.bars[0]?.label).toMatch(/^1\.6/);
  });

  it('finds rows and columns that come twice', async () => {
    const twice = await profile({
      a: (row) => noise(row % 150),
      b: (row) => 2 * noise(row % 150),
      c: (row) => row % 150,
    });
    expect(twice.duplicateRows).toEqual({ rows: 50, isExact: true });
    expect(found(twice)).toEqual(['duplicateRows : ', 'correlated b: data: { ignore: [b] }']);
    expect(twice.associations[0]).toMatchObject({ left: 'a', right: 'b', measure: 'pearson' });
  });

  it('gives lines that a spec takes, also for names that need quotes', async () => {
    const name = 'a: [ b ] # c';
    const columns = {
      [name]: (row: number) => (row % 4 ? noise(row) : ''),
      '"x, y"': () => 1,
      other: unique,
      y: classOf,
    };
    const { findings } = await profile(columns, 'y');
    expect(findings).toHaveLength(2);
    for (const { yaml } of findings) {
      const [key, rest] = [yaml.slice(0, yaml.indexOf(':')), yaml.slice(yaml.indexOf('{') + 1)];
      const data =
        key === 'data' ? `data: { path: d.csv, label: y, ${rest}` : `data: { path: d.csv, label: y }\n${yaml}`;
      const text = `${data}\nmodel: [{ dense: { units: 1 } }]\ntrain: { loss: mse }\n`;
      expect(parseJobSpec(text).problems, text).toEqual([]);
    }
  });

  it('refuses a label that is not there, and a table without rows', async () => {
    await expect(profile({ a: noise, b: noise }, 'c')).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_COLUMN_NOT_FOUND', field: '--label' }),
    );
    const files = [{ path: tableFile('a,b\n'), name: 'data.csv' }];
    await expect(profileTable({ files, name: 'data.csv' })).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_EMPTY' }),
    );
  });
});
