import { describe, expect, it } from 'vitest';
import { inspectTable } from './inspect-table.js';
import { tableFile } from './testing/tables.js';

describe('inspectTable', () => {
  it('says of each column its type, missing cells, values and range', async () => {
    const path = tableFile('n,half,wood,code\n3,0.5,oak,007\n-1,1,,12\n?,1e1,oak,12\n');
    const { rowCount, columns } = await inspectTable([{ path, name: 'data.csv' }]);
    expect(rowCount).toBe(3);
    const found = (name: string) => columns.find((column) => column.name === name);
    expect(found('n')).toMatchObject({ type: 'number', missing: 1, whole: true, range: { minimum: -1, maximum: 3 } });
    expect(found('half')).toMatchObject({ type: 'number', whole: false, distinct: ['0.5', '1', '1e1'] });
    expect(found('wood')).toMatchObject({ type: 'text', missing: 1, distinct: ['oak'], range: null, problem: null });
    expect(found('code')).toMatchObject({ type: 'text', range: null });
  });

  it('looks on where training would refuse a cell or a column, and says why', async () => {
    const path = tableFile('n,none\n1,\n2,\nthree,\n');
    const { columns } = await inspectTable([{ path, name: 'data.csv' }]);
    expect(columns[0]).toMatchObject({ type: 'text', problem: { code: 'DATA_VALUE', value: 'three' } });
    expect(columns[1]).toMatchObject({
      type: 'text',
      problem: { code: 'DATA_COLUMN_EMPTY', field: 'none' },
      whole: false,
    });
  });

  it('counts up to 1,000 distinct values', async () => {
    const of = async (count: number) => {
      const rows = Array.from({ length: count }, (_, row) => `v${row}\n`).join('');
      return (await inspectTable([{ path: tableFile(`a\n${rows}`), name: 'data.csv' }])).columns[0]!;
    };
    expect(await of(1000)).toMatchObject({ distinctCapped: false });
    const capped = await of(1001);
    expect(capped.distinctCapped).toBe(true);
    expect(capped.distinct).toHaveLength(1000);
  });

  it('takes numbers that the file itself holds for what they are, however its texts are written', async () => {
    const path = tableFile('{"a":1.633,"b":"1.633","y":1.5}\n{"a":-2,"b":"0,5","y":7}\n', 'd.jsonl');
    const numbers = { decimal: ',', thousands: '.' } as const;
    const { columns } = await inspectTable([{ path, name: 'd.jsonl' }], { numbers });
    expect(columns).toMatchObject([
      { type: 'number', problem: null, numbers: [1.633, -2], range: { minimum: -2, maximum: 1.633 }, whole: false },
      { type: 'number', problem: null, numbers: [1633, 0.5], range: { minimum: 0.5, maximum: 1633 } },
      { type: 'number', problem: null, numbers: [1.5, 7] },
    ]);
    const comma = await inspectTable([{ path, name: 'd.jsonl' }], { numbers: { decimal: ',', thousands: '' } });
    expect(comma.columns[2]).toMatchObject({ type: 'number', problem: null, numbers: [1.5, 7] });
  });
});
