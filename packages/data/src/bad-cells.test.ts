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
