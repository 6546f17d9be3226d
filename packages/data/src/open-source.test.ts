import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { MAX_COLUMNS } from './limits.js';
import { openSource, type SourceOptions } from './open-source.js';
import { Rejects } from './rejects.js';
import type { Row } from './table-source.js';
import { tableFile, temporaryFolder } from './testing/tables.js';

type Options = Partial<Omit<SourceOptions, 'files'>>;

interface Read {
  readonly columns: readonly string[];
  readonly rows: Row[];
  readonly places: string[];
  readonly warnings: readonly string[];
}

/** Reads files that are given by their contents. */
async function readAll(contents: Readonly<Record<string, string | Uint8Array>>, options: Options = {}): Promise<Read> {
  const files = Object.entries(contents).map(([name, content]) => ({ path: tableFile(content), name }));
  const table = await openSource({ files, nulls: ['', 'NA'], ...options });
  const rows: Row[] = [];
  for await (const some of table.rows()) rows.push(...some);
  const again: Row[] = [];
  for await (const some of table.rows()) again.push(...some);
  expect(again).toEqual(rows);
  return {
    ...{ columns: table.columns, rows, warnings: table.warnings },
    places: rows.map((_, row) => table.lineOf(row)),
  };
}

const read = (content: string | Uint8Array, options?: Options): Promise<Read> =>
  readAll({ 'data.csv': content }, options);
const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

describe('a table of one CSV file', () => {
  it('reads quotes, doubled quotes and line breaks, behind a byte order mark', async () => {
    const { columns, rows } = await read('\ufeffchurn,note,age\r\n1,"a\r\nb",3\r\n0,"say ""hi"", then",4\r\n');
    expect(columns).toEqual(['churn', 'note', 'age']);
    expect(rows).toEqual([
      ['1', 'a\r\nb', '3'],
      ['0', 'say "hi", then', '4'],
    ]);
  });

  it('tells missing cells from empty texts: quotes make the difference, blanks do not count', async () => {
    const { rows, warnings } = await read('a,b\n1,NA\n2,"NA"\n3,\n4,""\n5, \n6,x \n7,"  "\n8, NA \n');
    expect(rows.map(([, b]) => b)).toEqual([null, 'NA', null, '', null, 'x ', '', null]);
    expect(warnings).toEqual([
      'Column b has 1 quoted cell of blanks alone: read as the empty text, or as missing where it holds numbers.',
    ]);
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
    ['of the first line of Excel', 'sep=;\r\na;b\r\n1,5;2\r\n'],
  ])('finds the delimiter %s', async (_, content) => {
    expect(await read(content)).toMatchObject({ columns: ['a', 'b'], rows: [['1,5', '2']] });
  });

  it('takes the delimiter that is given', async () => {
    expect(await read('a b;c\n1 2;3\n', { delimiter: ' ' })).toMatchObject({
      ...{ columns: ['a', 'b;c'], rows: [['1', '2;3']] },
    });
  });

  it('takes a quote inside a cell, and every kind of line end, as they come', async () => {
    const { rows, places } = await read('a,b\r\n1,5" pipe\n2,y\r3,z');
    expect(rows).toEqual([
      ['1', '5" pipe'],
      ['2', 'y'],
      ['3', 'z'],
    ]);
    expect(places).toEqual(['line 2', 'line 3', 'line 4']);
  });

  it('passes over blank lines, which are missing cells only in a table of one column', async () => {
    expect(await read('a,b\n1,2\n\n3,4\n\n')).toMatchObject({
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
      places: ['line 2', 'line 4'],
    });
    expect((await read('a\n1\n\n3\n')).rows).toEqual([['1'], [null], ['3']]);
  });

  it('names the line of a row, with line breaks in cells before it', async () => {
    const { places } = await read('"a\nx",b\n"1\r\n""2""\n",2\n3,4\n\n5,6\n');
    expect(places).toEqual(['line 3', 'line 6', 'line 8']);
  });

  it.each([1, 2, 3, 7, 16, 17, 64])('gives the same rows and places for pieces of %i bytes', async (pieceBytes) => {
    const text = 'id,note\r\n1,"line\n90,fake\r\n""x"""\r\n2,é€😀\r\n\r\n3,\r\n"4",""\r\n';
    for (const content of [Buffer.from(`\ufeff${text}`), utf16(text), gzipSync(text)]) {
      expect(await read(content, { pieceBytes })).toEqual(await read(text));
    }
  });

  it('reads UTF-16 by its mark, of both byte orders, and Windows-1252 where it is asked for', async () => {
    const rows = [['é€😀', '“x”']];
    expect((await read(utf16('a,b\n é€😀,“x”\n'.replace(' ', '')))).rows).toEqual(rows);
    expect((await read(utf16('a,b\né€😀,“x”\n').swap16())).rows).toEqual(rows);
    const western = Buffer.from('a,b\ncaf\xe9,\x80 \x93x\x94\n', 'latin1');
    expect((await read(western, { encoding: 'latin1' })).rows).toEqual([['café', '€ “x”']]);
  });

  it('reads files packed with gzip, also of several parts', async () => {
    const parts = Buffer.concat([gzipSync('a,b\n1,'), gzipSync('2\n')]);
    expect((await read(parts)).rows).toEqual([['1', '2']]);
    await expect(read(gzipSync('a,b\n1,2\n'.repeat(1000)).subarray(0, 40))).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_UNREADABLE', message: expect.stringContaining('is damaged') }),
    );
  });

  it('leaves a column without name and cells out, as where every line ends with a delimiter', async () => {
    expect(await read('a,b,\n1,2,\n3,4, \n')).toMatchObject({
      columns: ['a', 'b'],
      rows: [
        ['1', '2'],
        ['3', '4'],
      ],
      warnings: ['Column 3 of data.csv has neither a name nor cells: it is left out.'],
    });
    await expect(read('a,b,\n1,2,\n3,4,x\n5,6\n')).rejects.toThrow(
      /2 rows .*: line 3 of data.csv has a cell in column 3, which has no name: "x"; line 4 of data.csv has 2 cells/,
    );
    await expect(read(',a\n0,2\n1,4\n')).rejects.toThrow('Column 1 of data.csv has cells, but no name in the header.');
  });

  it('reads only the file itself, also where its name is a pattern or relative', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'w[1]*.csv'), 'a,b\n1,2\n');
    writeFileSync(join(folder, 'w1x.csv'), 'a,b\n8,9\n');
    const path = relative(process.cwd(), join(folder, 'w[1]*.csv'));
    const table = await openSource({ files: [{ path, name: 'w.csv' }], nulls: [] });
    const rows: Row[] = [];
    for await (const some of table.rows()) rows.push(...some);
    expect(rows).toEqual([['1', '2']]);
  });

  it('gives numbers for exactly the cells that are plain ones, and none for a spelling of missing', async () => {
    const cells = ['1', '"2.5"', '-999', '"-999"', '007', '1e3', 'x', '', '""', '12345678901234567', '0.1', '-0'];
    const path = tableFile(`a,b\n${cells.map((cell) => `${cell},0`).join('\n')}\n`);
    const table = await openSource({ files: [{ path, name: 'd.csv' }], nulls: ['-999'] });
    for await (const chunk of table.chunks()) {
      const none = Number.NaN;
      expect([...chunk.numbers(0)]).toEqual([1, 2.5, none, -999, none, 1000, none, none, none, none, 0.1, -0]);
    }
  });

  it.each([
    ['a row with a cell too many', 'a,b\n1,2\n3,4,5\n', 'Line 3 of data.csv has 3 cells, the header has 2: "3,4,5".'],
    ['a row with a cell too few', 'a,b,c\n1,2,3\n4,5\n', 'Line 3 of data.csv has 2 cells, the header has 3: "4,5".'],
    ['a header shorter than all rows', 'a,b\n1,2,3\n4,5,6\n', 'line 2 of data.csv has 3 cells, the header has 2'],
    ['a ragged row below line breaks', 'a,b\n1,"x\ny"\n\n3\n', 'Line 5 of data.csv has 1 cell, the header has 2: "3".'],
    ['an open quote', 'a,b\n1,"x\n2,y\n', 'Line 2 of data.csv has a quote that is not closed'],
    ['text after a quote', 'a,b\n1,"x"y\n2,y\n', 'Line 2 of data.csv has text after a closing quote: "1,\\"x\\"y".'],
    ['an open quote in the header', '"a,b\n1,2\n', 'has a header (line 1) whose quotes do not come in pairs'],
    [
      'Latin-1',
      Buffer.from('a,b\n1,caf\xe9\n', 'latin1'),
      'Line 2 of data.csv is not in UTF-8: the byte 0xE9 after "1,caf".',
    ],
    [
      'Latin-1 in the header',
      Buffer.from('caf\xe9,b\n1,2\n', 'latin1'),
      'Line 1 of data.csv is not in UTF-8: the byte 0xE9',
    ],
    ['UTF-16 without a mark', Buffer.from('a,b\n1,2\n', 'utf16le'), 'is in UTF-16 without a byte order mark'],
    ['half a character of UTF-16', utf16('a,b\n1,\ud83d\n'), 'has half a character (0xd83d)'],
    ['half a code unit', utf16('a,b\n1,2\n').subarray(0, 15), 'ends within a character'],
    ['a workbook', Buffer.from([0x50, 0x4b, 3, 4, 0, 0]), 'is a zip archive or an Excel workbook'],
    ['a binary file', Buffer.from([0x51, 0x4b, 3, 4, 0, 0]), 'holds binary data'],
    ['a blank first line', '\na,b\n1,2\n', 'starts with a blank line'],
    ['two columns of one name', 'a,b,a\n1,2,3\n', 'two columns named a: columns 1 and 3'],
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

  it('refuses a file that is not there', async () => {
    const path = join(temporaryFolder(), 'none.csv');
    await expect(openSource({ files: [{ path, name: 'my.csv' }], nulls: [] })).rejects.toThrow(
      expect.objectContaining({ code: 'DATA_NOT_FOUND', message: 'The data file my.csv does not exist.' }),
    );
  });
});

describe('bad rows', () => {
  const ragged = 'a,b,y\n1,2,0\n3,4,1\n5,6,0,extra\n7,8,1\n9,10\n11,12,1\n';

  it('are all named in one error, with the text of each line', async () => {
    await expect(read(ragged)).rejects.toMatchObject({
      code: 'DATA_UNREADABLE',
      message:
        '2 rows of the data cannot be used: line 4 of data.csv has 4 cells, the header has 3: "5,6,0,extra"; line 6 of data.csv has 2 cells, the header has 3: "9,10".',
      problems: [
        { line: 4, value: '5,6,0,extra' },
        { line: 6, value: '9,10' },
      ],
    });
  });

  it('are named up to a number, and counted', async () => {
    await expect(read(`a,b\n${'1\n'.repeat(30)}`)).rejects.toThrow(/^30 rows .*line 21 of data.csv .*; and 10 more\.$/);
  });

  it('are left out and handed on where that is asked for, once for several passes', async () => {
    const rejects = new Rejects(null);
    const { rows, places } = await read(ragged, { skipTo: rejects });
    expect(rows.map(([a]) => a)).toEqual(['1', '3', '7', '11']);
    expect(places).toEqual(['line 2', 'line 3', 'line 5', 'line 7']);
    expect(rejects).toMatchObject({ count: 2, byKind: { cellCount: 2 } });
    expect(rejects.first.map(({ place, text }) => [place.number, text])).toEqual([
      [4, '5,6,0,extra'],
      [6, '9,10'],
    ]);
  });

  it('are those with the character NUL, which no model takes, in every format', async () => {
    const nul = String.raw`\u0000`;
    const json = { 'd.jsonl': `{"a":1,"t":"x"}\n{"a":2,"t":"x${nul}y"}\n{"a":3,"t":"y"}\n` };
    await expect(readAll(json, { format: 'jsonl' })).rejects.toThrow(
      'Line 2 of d.jsonl has the character NUL (U+0000) in column t, which no text of a model can hold: "x\\u0000y".',
    );
    const rejects = new Rejects(null);
    const { rows, places } = await readAll(json, { format: 'jsonl', skipTo: rejects });
    expect(rows.map(([a]) => a)).toEqual(['1', '3']);
    expect(places).toEqual(['line 1', 'line 3']);
    expect(rejects.byKind).toEqual({ nul: 1 });
    const late = `a,b\n${'1,x\n'.repeat(300_000)}2,y\0\n`;
    await expect(read(late)).rejects.toThrow('Line 300002 of data.csv has the character NUL (U+0000) in column b');
    await expect(readAll({ 'd.jsonl': `{"a${nul}":1,"b":2}\n` }, { format: 'jsonl' })).rejects.toThrow(
      'd.jsonl has a column with the character NUL (U+0000) in its name',
    );
  });

  it('end a table before the first of them where they are refused, so that no row is out of its place', async () => {
    const path = tableFile(ragged);
    const table = await openSource({ files: [{ path, name: 'd.csv' }], nulls: [], pieceBytes: 16 });
    const rows: Row[] = [];
    await expect(
      (async () => {
        for await (const some of table.rows()) rows.push(...some);
      })(),
    ).rejects.toThrow('2 rows of the data cannot be used');
    expect(rows.length).toBeLessThan(3);
  });
});

describe('a table of several files', () => {
  it('finds columns by name in each, and names the file of a row', async () => {
    const { columns, rows, places } = await readAll({
      'a.csv': 'x,y\n1,2\n',
      'b.csv': 'y;x\n\n4;3\n6;5\n',
      'c.csv': 'x,y\n',
      'd.csv': utf16('x,y\n7,8\n'),
    });
    expect(columns).toEqual(['x', 'y']);
    expect(rows).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
      ['7', '8'],
    ]);
    expect(places).toEqual(['line 2 of a.csv', 'line 3 of b.csv', 'line 4 of b.csv', 'line 2 of d.csv']);
  });

  it('refuses a file with other columns, naming it and them', async () => {
    await expect(readAll({ 'a.csv': 'x,y\n1,2\n', 'b.csv': 'x,z\n1,2\n' })).rejects.toThrow(
      expect.objectContaining({
        code: 'DATA_COLUMN_NOT_FOUND',
        message: 'b.csv has other columns than a.csv: it lacks y and adds z.',
      }),
    );
  });
});
