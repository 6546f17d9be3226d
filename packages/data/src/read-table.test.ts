import { describe, expect, it } from 'vitest';
import { PLAIN_NUMBERS } from './core/number.js';
import type { PreprocessingPlan, TextColumnPlan } from './core/plan.js';
import { openTable, type TableBatch, type TableRequest } from './read-table.js';
import { Rejects } from './rejects.js';
import { tableFile } from './testing/tables.js';

const wood = (unknown: TextColumnPlan['unknown']): TextColumnPlan => ({
  ...{ name: 'wood', type: 'text', fill: null, categories: ['elm', 'oak'], encode: 'oneHot', unknown },
});
const planOf = (unknown: TextColumnPlan['unknown'] = 'ignore'): PreprocessingPlan => ({
  columns: [
    wood(unknown),
    { name: 'b', type: 'number', format: { type: 'number', ...PLAIN_NUMBERS }, fill: 0, center: 0, scale: 1 },
  ],
  label: 'y',
  labels: { trim: true, foldCase: false, onUnusable: 'fail' as const },
  nulls: ['', 'NA'],
  numbers: PLAIN_NUMBERS,
});

async function read(
  content: string,
  parts: Partial<TableRequest> = {},
): Promise<{ ignored: readonly string[]; batches: TableBatch[] }> {
  const table = await openTable({
    files: [{ path: tableFile(content), name: 'new.csv' }],
    ...{ fileName: 'new.csv', plan: planOf(), ...parts },
  });
  const batches: TableBatch[] = [];
  for await (const batch of table.batches()) batches.push(batch);
  return { ignored: table.ignored, batches };
}

describe('openTable', () => {
  it('finds columns by name, whatever their order, and lists what the model does not use', async () => {
    const { ignored, batches } = await read('id,b,y,wood\n7,1.5,0,oak\n8,NA,1,\n');
    expect(ignored).toEqual(['id', 'y']);
    expect(batches).toHaveLength(1);
    expect(batches[0]!.columns.get('b')).toEqual(Float64Array.of(1.5, Number.NaN));
    expect(batches[0]!.columns.get('wood')).toEqual(['oak', '']);
    expect(batches[0]).toMatchObject({ firstRow: 0, rowCount: 2, labels: null, unknown: [] });
  });

  it('reads the label and the columns to keep as they are spelled', async () => {
    const table = 'id,b,y,wood\n18446744073709551615,1,0,oak\n007,2,,elm\n8,3,"",elm\n';
    const { ignored, batches } = await read(table, { withLabel: true, keep: () => ['id'] });
    expect(ignored).toEqual([]);
    expect(batches[0]!.labels).toEqual(['0', null, null]);
    expect(batches[0]!.kept.get('id')).toEqual(['18446744073709551615', '007', '8']);
  });

  it('cuts batches of 1,024 rows', async () => {
    const rows = Array.from({ length: 2500 }, (_, row) => `${row},oak\n`).join('');
    const { batches } = await read(`b,wood\n${rows}`);
    expect(batches.map(({ firstRow, rowCount }) => [firstRow, rowCount])).toEqual([
      [0, 1024],
      [1024, 1024],
      [2048, 452],
    ]);
    expect(batches.flatMap(({ columns }) => [...(columns.get('b') ?? [])])).toEqual([...Array(2500).keys()]);
  });

  it('marks unknown categories, and not missing ones', async () => {
    const { batches } = await read('b,wood\n1,yew\n2,\n3,OAK\n4,oak\n');
    expect(batches[0]!.unknown).toEqual([
      { column: 'wood', row: 0, value: 'yew' },
      { column: 'wood', row: 2, value: 'OAK' },
    ]);
  });

  it('refuses the batch of an unknown category under the policy error, naming its place', async () => {
    await expect(read('b,wood\n1,oak\n2,"yew"\n', { plan: planOf('error') })).rejects.toThrow(
      expect.objectContaining({
        code: 'DATA_UNKNOWN_CATEGORY',
        field: 'wood',
        value: 'yew',
        message: expect.stringContaining('Column wood, row 2 (line 3): the category "yew" was not seen in training.'),
      }),
    );
    expect((await read('b,wood\n1,oak\n2,\n', { plan: planOf('error') })).batches).toHaveLength(1);
  });

  it('names an absent column, and one that differs in case only', async () => {
    await expect(read('B,wood\n1,oak\n')).rejects.toThrow(
      expect.objectContaining({
        code: 'DATA_COLUMN_NOT_FOUND',
        field: 'b',
        message: 'new.csv has no column b. Did you mean B?',
      }),
    );
    await expect(read('b,wood\n1,oak\n', { keep: () => ['id'] })).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_COLUMN_NOT_FOUND', field: 'id' }),
    );
  });

  it('refuses a header that names none of the columns, and never goes by position', async () => {
    await expect(read('1,0.5\n2,0.9\n')).rejects.toThrow(expect.objectContaining({ code: 'DATA_VALUE' }));
    await expect(read('oak,0.5\nelm,0.9\n')).rejects.toThrow(
      expect.objectContaining({ message: expect.stringContaining("names none of the model's 2 columns (wood, b)") }),
    );
  });

  it.each([
    ['n.a.', 'is not a number'],
    ['inf', 'is not a finite number'],
    ['1,5', 'is not a number as the column writes them (decimal "."); it is 1.5 with data.decimal: ","'],
  ])('refuses %s in a column of numbers, with its line', async (cell, what) => {
    await expect(read(`b,wood\n1,oak\n"${cell}",elm\n`)).rejects.toThrow(
      expect.objectContaining({
        code: 'DATA_VALUE',
        field: 'b',
        message: `Column b, line 3 of new.csv ${what}: "${cell}".`,
      }),
    );
  });

  it('leaves rows with a bad line or cell out where it is told to, and names the lines of the others', async () => {
    const rejects = new Rejects(null);
    const table = 'b,wood\n1,oak\nx,elm\n3\n"inf",oak\n5,yew\n';
    const { batches } = await read(table, { skipTo: rejects });
    expect([...batches[0]!.columns.get('b')!]).toEqual([1, 5]);
    expect(rejects.first.map(({ place, column, kind }) => [place.number, column, kind])).toEqual([
      [4, null, 'cellCount'],
      [3, 'b', 'notANumber'],
      [5, 'b', 'infinite'],
    ]);
    await expect(read(table, { skipTo: new Rejects(null), plan: planOf('error') })).rejects.toThrow('row 2 (line 6)');
  });

  it('takes numbers with leading zeros, as training does in a column of numbers that is declared so', async () => {
    expect((await read('b,wood\n007,oak\n')).batches[0]!.columns.get('b')).toEqual(Float64Array.of(7));
  });
});
