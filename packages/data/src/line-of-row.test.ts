import { describe, expect, it } from 'vitest';
import { lineOfRow } from './line-of-row.js';
import { tableFile } from './testing/tables.js';

const lineOf = (text: string, row: number, skipsBlank = true): number | null =>
  lineOfRow(tableFile(text), ',', row, skipsBlank);

describe('lineOfRow', () => {
  it('counts the header as line 1', () => {
    expect(lineOf('a,b\n1,2\n3,4\n', 0)).toBe(2);
    expect(lineOf('a,b\n1,2\n3,4', 1)).toBe(3);
  });

  it.each(['\n', '\r\n', '\r'])('counts lines that end in %j', (end) => {
    expect(lineOf(['a,b', '1,2', '3,4', '5,6'].join(end), 2)).toBe(4);
  });

  it('counts line breaks in quoted cells, of the header and of rows', () => {
    expect(lineOf('"a\nx",b\n"1\r\n""2""\n",2\n3,4\n', 0)).toBe(3);
    expect(lineOf('"a\nx",b\n"1\r\n""2""\n",2\n3,4\n', 1)).toBe(6);
  });

  it('takes a quote inside a cell for a character', () => {
    expect(lineOf('a,b\n1,5" pipe\n3,4\n5,6\n', 2)).toBe(4);
  });

  it('sees the quote of the first cell behind a byte order mark', () => {
    expect(lineOf('\ufeff"a\nx",b\n1,2\n', 0)).toBe(3);
  });

  it('passes over blank lines where they are no rows', () => {
    expect(lineOf('a,b\n\n1,2\n\n\n3,4\n', 1)).toBe(6);
    expect(lineOf('a\n\n1\n', 1, false)).toBe(3);
  });

  it('finds rows beyond a megabyte', () => {
    const rows = Array.from({ length: 60_000 }, (_, row) => `${row},"two\nlines of text"\n`);
    expect(lineOf(`a,b\n${rows.join('')}`, 59_999)).toBe(2 + 59_999 * 2);
  });

  it('gives null for a row that is not there', () => {
    expect(lineOf('a,b\n1,2\n', 1)).toBeNull();
  });
});
