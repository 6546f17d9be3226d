import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkData } from './check-data.js';
import { runPreparation } from './run-preparation.js';
import { readColumn } from './testing/shards.js';
import { requestFor, type SpecParts } from './testing/tables.js';

const TABLE = [
  'n,day,ok,y',
  '1,2024-01-01,yes,0',
  'x,2024-01-02,no,1',
  '3,someday,yes,0',
  '4,2024-01-04',
  '5,2024-01-05,maybe,0',
  '"inf",soon,no,1',
  '7,2024-01-07,no,1',
  '8,2024-01-08,yes,0',
  '',
].join('\n');
const skip: SpecParts = { data: { onBadRow: 'skip', types: { ok: 'boolean' } }, split: { test: 0 } };

describe('rows with a bad cell', () => {
  it('are left out for the first one where the spec says so, beside bad lines', async () => {
    const request = requestFor(TABLE, skip);
    const prepared = await runPreparation(request);
    expect(prepared.rows).toMatchObject({ train: 3, dropped: 4 });
    expect(prepared.rejects).toEqual({
      count: 5,
      byKind: { cellCount: 1, notANumber: 1, notADate: 1, notABoolean: 1, infinite: 1 },
    });
    expect(prepared.warnings).toContain('5 bad rows were left out: see rejects.csv.');
    expect(readFileSync(join(request.outDirectory, 'rejects.csv'), 'utf8').split('\n')).toEqual([
      'file,line,row,column,kind,text',
      'data.csv,5,,,cellCount,"4,2024-01-04"',
      'data.csv,3,2,n,notANumber,x',
      'data.csv,4,3,day,notADate,someday',
      'data.csv,6,4,ok,notABoolean,maybe',
      'data.csv,7,5,n,infinite,inf',
      '',
    ]);
    expect(readColumn(prepared.shards.train, 'target')).toEqual([0, 1, 0]);
    expect(await checkData(request)).toMatchObject({ rowCount: 7, isWhole: true });
  });

  it('are all named in one error unless it says so, with what to do about each column', async () => {
    const rows = ['n,ok,y', '1,yes,0', 'x,no,1', '3,maybe,0', '4,yes,1', 'inf,yes,0', '6,no,1'];
    const parts: SpecParts = { data: { types: { ok: 'boolean' } }, split: { test: 0 } };
    for (const work of [runPreparation, checkData]) {
      await expect(work(requestFor(rows.join('\n'), parts))).rejects.toMatchObject({
        code: 'DATA_VALUE',
        message:
          '3 cells of the data cannot be used: column n, line 3 of data.csv is not a number: "x"; column ok, line 4 of data.csv is not a boolean (true, t, yes, y, on, 1 for true and false, f, no, n, off, 0 for false, in any case): "maybe"; column n, line 6 of data.csv is not a finite number: "inf".',
        value: '3 cells',
        fix: expect.stringMatching(/data\.nulls\. Use one of .* data\.onBadRow: skip leaves such rows out\.$/),
        problems: [
          { code: 'DATA_VALUE', path: 'n', line: 3, value: 'x' },
          { code: 'DATA_VALUE', path: 'ok', line: 4, value: 'maybe' },
          { code: 'DATA_VALUE', path: 'n', line: 6, value: 'inf' },
        ],
      });
    }
  });

  it('are named up to twenty, and counted', async () => {
    const rows = Array.from({ length: 100 }, (_, row) => `${row % 3 === 0 ? 'x' : row},${row % 2}`);
    await expect(runPreparation(requestFor(`n,y\n${rows.join('\n')}\n`))).rejects.toMatchObject({
      message: expect.stringMatching(/^34 cells .*; and 14 more\.$/),
      problems: { length: 20 },
    });
  });

  it('are left out for a weight that is none, and refused where most are none', async () => {
    const rows = ['a,w,y', '1,1,0', '2,,1', '3,-1,0', '4,1e39,1', '5,x,0', '6,2,1', '7,1,0', '8,1,1', '9,0,0', ''];
    const request = requestFor(rows.join('\n'), { data: { weight: 'w', onBadRow: 'skip' }, split: { test: 0 } });
    const prepared = await runPreparation(request);
    expect(prepared.rejects).toEqual({ count: 4, byKind: { missingWeight: 1, notAWeight: 2, tooLarge: 1 } });
    expect(readColumn(prepared.shards.train, 'weight')).toEqual([1, 2, 1, 1, 0]);
    expect((await checkData(request)).rowCount).toBe(9);
    const fail = { data: { weight: 'w' } };
    await expect(runPreparation(requestFor(rows.join('\n'), fail))).rejects.toThrow(
      /^4 cells .*: column w, line 3 of data.csv is missing, and data.weight .*; column w, line 4 of data.csv is no number/,
    );
    const most = requestFor('a,w,y\n1,,0\n2,,1\n3,1,0\n', request.spec as SpecParts);
    await expect(runPreparation(most)).rejects.toThrow('Column w, row 1 (line 2): the cell is missing');
  });

  it('are refused unless it says so, and where they are most of a column', async () => {
    await expect(runPreparation(requestFor('n,y\n1,0\n2,1\nx,0\n'))).rejects.toMatchObject({
      code: 'DATA_VALUE',
      value: 'x',
    });
    const commas = 'n,y\n"1,5",0\n"2,5",1\n3,0\n';
    await expect(runPreparation(requestFor(commas, skip))).rejects.toMatchObject({ code: 'DATA_COLUMN_NOT_FOUND' });
    const only: SpecParts = { data: { onBadRow: 'skip' } };
    await expect(runPreparation(requestFor(commas, only))).rejects.toMatchObject({ code: 'DATA_VALUE', value: '1,5' });
  });
});
