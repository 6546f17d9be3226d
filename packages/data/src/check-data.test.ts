import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkData } from './check-data.js';
import { runPreparation } from './run-preparation.js';
import { requestFor, type SpecParts } from './testing/tables.js';

const rows = (...more: readonly string[]): string =>
  `${['a,b,y', ...more, ...Array.from({ length: 20 }, (_, row) => `${row},${row % 7},${row % 2}`)].join('\n')}\n`;

/** What is wrong, the table, and what of the spec matters. */
const WRONG: readonly (readonly [string, string, SpecParts])[] = [
  ['a label that is no column', rows(), { data: { label: 'Y' } }],
  ['an ignored column that is none', rows(), { data: { ignore: ['bb'] } }],
  ['two names that are none', rows(), { data: { label: 'z', types: { aa: 'text' } } }],
  ['text in a column said numeric', rows('1,oak,0'), { data: { types: { b: 'number' } } }],
  ['text among numbers', rows('1,oak,0'), {}],
  ['a column without values', 'a,b,y\n1,,0\n2,,1\n', {}],
  ['a label that is missing', rows('1,1,'), {}],
  ['three classes for a binary loss', rows('1,1,7'), {}],
  ['a setting that text has no use for', rows(), { data: { types: { a: 'text' } }, columns: { a: { scale: 'none' } } }],
  ['more categories than are encoded', rows(), { data: { types: { a: 'text' } }, preprocess: { maxCategories: 2 } }],
  ['a row of another length', rows('1,1,0,0'), {}],
];

describe('checkData', () => {
  it.each(WRONG)('refuses what training would, in the same words: %s', async (_what, content, parts) => {
    const request = requestFor(content, parts);
    const failure = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => null,
        (thrown: Error) => JSON.stringify(thrown),
      );
    const refused = await failure(runPreparation(request));
    expect(refused).toContain('"code":"');
    expect(await failure(checkData(request))).toBe(refused);
  });

  it('counts, warns, and writes nothing', async () => {
    const request = requestFor(rows('007,1,0'));
    const found = await checkData(request);
    expect(found).toMatchObject({ columnCount: 3, rowCount: 21, isWhole: true });
    expect(found.warnings).toEqual([expect.stringContaining('leading zeros')]);
    expect(existsSync(request.outDirectory)).toBe(false);
  });

  it('counts rows as training does, where bad ones are left out', async () => {
    const request = requestFor(rows('1,1,0,0', 'x,2,1', '3,,1', '4,5,0'), {
      data: { onBadRow: 'skip' },
      columns: { b: { missing: 'drop' } },
    });
    const { rows: trained, rejects } = await runPreparation(request);
    expect(trained.dropped).toBe(2);
    expect(await checkData(request)).toMatchObject({ rowCount: 23, rows: trained, rejects });
    expect(rejects).toEqual({ count: 2, byKind: { cellCount: 1, notANumber: 1 } });
  });

  it('refuses nothing in the first rows of a large file that training would leave out', async () => {
    const request = requestFor(rows('1,oak,0'), { data: { onBadRow: 'skip', types: { b: 'number' } } });
    expect(await checkData(request, 10)).toMatchObject({ rowCount: 21, isWhole: false });
  });

  it('names every column that is not there, each with its key and the nearest name', async () => {
    const request = requestFor(rows(), { data: { label: 'Y', types: { bb: 'text' } } });
    await expect(checkData(request)).rejects.toMatchObject({
      code: 'DATA_COLUMN_NOT_FOUND',
      problems: [
        { path: 'data.label', value: 'Y', message: expect.stringContaining('Did you mean y?') },
        { path: 'data.types.bb', value: 'bb', message: expect.stringContaining('Did you mean b?') },
      ],
    });
  });

  it('says of a large file what its header and first rows tell for sure', async () => {
    const large = (parts?: SpecParts) => checkData(requestFor(rows('1,oak,0'), parts), 10);
    expect(await large()).toEqual({
      columnCount: 3,
      rowCount: 21,
      isWhole: false,
      rows: null,
      rejects: null,
      warnings: [],
    });
    await expect(large({ data: { label: 'Y' } })).rejects.toMatchObject({ field: 'data.label' });
    await expect(large({ data: { types: { b: 'number' } } })).rejects.toMatchObject({
      code: 'DATA_VALUE',
      message: expect.stringContaining('Column b, row 1 (line 2): "oak"'),
    });
  });
});
