import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX_COLUMNS } from '../limits.js';
import type { Row } from '../table-source.js';
import { tableFile, temporaryFolder } from '../testing/tables.js';
import { openCsv } from './csv.js';

async function read(
  content: string | Uint8Array,
  nulls = ['', 'NA'],
): Promise<{ columns: readonly string[]; rows: Row[] }> {
  const table = await openCsv({ path: tableFile(content), fileName: 'data.csv', nulls });
  try {
    const rows: Row[] = [];
    for await (const some of table.rows()) rows.push(...some);
    return { columns: table.columns, rows };
  } finally {
    table.close();
  }
}

describe('openCsv', () => {
  it('reads quotes, doubled quotes and line breaks, behind a byte order mark', async () => {
    const { columns, rows } = await read('\ufeffchurn,note,age\r\n1,"a\r\nb",3\r\n0,"say ""hi"", then",4\r\n');
    expect(columns).toEqual(['churn', 'note', 'age']);
    expect(rows).toEqual([
      ['1', 'a\r\nb', '3'],
      ['0', 'say "hi", then', '4'],
    ]);
  });

  it('takes unquoted null spellings, nothing and blanks for missing, and nothing else', async () => {
    const { rows } = await read('a,b\n1,NA\n2,"NA"\n3,\n4,""\n5, \n6,x \n');
    expect(rows.map(([, b]) => b)).toEqual([null, 'NA', null, null, null, 'x ']);
  });

  it('reads as many columns as a table may have', async () => {
    const cells = Array.from({ length: MAX_COLUMNS }, (_, index) => String(index));
    const { rows } = await read(`${cells.map((cell) => `c${cell}`).join(',')}\n${cells.join(',')}\n`);
    expect(rows).toEqual([cells]);
  });

  it('keeps cells as they are spelled', async () => {
    const { rows } = await read('id,n\n00018446744073709551615,1.10\ntrue,2026-01-01\n');
    expect(rows).toEqual([
      ['00018446744073709551615', '1.10'],
      ['true', '2026-01-01'],
    ]);
  });

  it.each([
    [';', 'a;b\n1,5;2\n'],
    ['tab', 'a\tb\n1,5\t2\n'],
    ['|', 'a|b\n1,5|2\n'],
  ])('finds the delimiter %s', async (_, content) => {
    expect(await read(content)).toEqual({ columns: ['a', 'b'], rows: [['1,5', '2']] });
  });

  it('keeps the order of rows over many chunks', async () => {
    const count = 30_000;
    const { rows } = await read(`a,b\n${Array.from({ length: count }, (_, row) => `${row},x\n`).join('')}`);
    expect(rows.length).toBe(count);
    expect(rows.every(([a], row) => a === String(row))).toBe(true);
  });

  it('passes over blank lines, which are missing cells only in a table of one column', async () => {
    expect((await read('a,b\n1,2\n\n3,4\n\n')).rows).toEqual([
      ['1', '2'],
      ['3', '4'],
    ]);
    expect((await read('a\n1\n\n3\n')).rows).toEqual([['1'], [null], ['3']]);
  });

  it('names the line of a row, with line breaks in cells before it', async () => {
    const table = await openCsv({ path: tableFile('a,b\n1,"x\ny"\n3,4\n'), fileName: 'data.csv', nulls: [] });
    expect([table.lineOf(0), table.lineOf(1)]).toEqual(['line 2', 'line 4']);
    table.close();
  });

  it('reads only the file itself, also where its name is a pattern or relative', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'w[1]*.csv'), 'a,b\n1,2\n');
    writeFileSync(join(folder, 'w1x.csv'), 'a,b\n8,9\n');
    const path = relative(process.cwd(), join(folder, 'w[1]*.csv'));
    const table = await openCsv({ path, fileName: 'w.csv', nulls: [] });
    const rows: Row[] = [];
    for await (const some of table.rows()) rows.push(...some);
    table.close();
    expect(rows).toEqual([['1', '2']]);
  });

  it.each([
    ['a row with a cell too many', 'a,b\n1,2\n3,4,5\n', 'Line 3 of data.csv has 3 cells, the header has 2: "3,4,5".'],
    ['a row with a cell too few', 'a,b,c\n1,2,3\n4,5\n', 'Line 3 of data.csv has 2 cells, the header has 3: "4,5".'],
    ['a header shorter than all rows', 'a,b\n1,2,3\n4,5,6\n', 'Line 2 of data.csv has 3 cells, the header has 2'],
    ['a ragged row below line breaks', 'a,b\n1,"x\ny"\n\n3\n', 'Line 5 of data.csv has 1 cell, the header has 2: "3".'],
    ['an open quote', 'a,b\n1,"x\n2,y\n', 'Line 2 of data.csv has a quote that is not closed'],
    ['text after a quote', 'a,b\n1,"x"y\n2,y\n', 'Line 2 of data.csv has a quote that is not closed, or text after'],
    ['an open quote in the header', '"a,b\n1,2\n', 'has a header (line 1) whose quotes do not come in pairs'],
    ['mixed line ends', 'a,b\r\n1,2\n3,4\r\n', 'data.csv mixes line ends'],
    ['Latin-1', Buffer.from('a,b\n1,caf\xe9\n', 'latin1'), 'Line 2 of data.csv is not in UTF-8'],
    ['Latin-1 in the header', Buffer.from('caf\xe9,b\n1,2\n', 'latin1'), 'header (line 1) that is not in UTF-8'],
    ['UTF-16', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), 'holds UTF-16 text'],
    ['a binary file', Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), 'holds binary data'],
    ['a blank first line', '\na,b\n1,2\n', 'starts with a blank line'],
    ['a column without a name', 'a,b,\n1,2,\n', 'Column 3 of data.csv has no name'],
    ['two columns of one name', 'a,b,a\n1,2,3\n', 'two columns named a'],
    ['two possible delimiters', 'a;b,c\n1;2,3\n', 'can be cut at "," and at ";"'],
    ['a very long line', `a,b\n1,${'x'.repeat(3_000_000)}\n`, 'Line 2 of data.csv is longer than 2000000 bytes'],
  ])('refuses %s', async (_, content, message) => {
    await expect(read(content)).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_UNREADABLE', message: expect.stringContaining(message) }),
    );
  });

  it('refuses a file whose first line is data', async () => {
    await expect(read('1,2.5\n3,4\n')).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_VALUE', fix: 'Add a first line with the column names.' }),
    );
  });

  it.each(['', '\n', '  \n\n'])('refuses the empty file %j', async (content) => {
    await expect(read(content)).rejects.toThrow(expect.objectContaining({ code: 'DATA_EMPTY', value: 'data.csv' }));
  });

  it('refuses a file that is not there, and a folder', async () => {
    const folder = temporaryFolder();
    const open = (path: string) => openCsv({ path, fileName: 'my.csv', nulls: [] });
    await expect(open(join(folder, 'none.csv'))).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_NOT_FOUND', message: 'The data file my.csv does not exist.' }),
    );
    await expect(open(folder)).rejects.toThrow(expect.objectContaining({ code: 'DATA_UNREADABLE' }));
  });
});
