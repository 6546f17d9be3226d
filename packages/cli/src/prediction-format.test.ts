import { describe, expect, it } from 'vitest';
import { csvFormat, JSON_LINES } from './prediction-format.js';

describe('csvFormat', () => {
  it('quotes what would be read as something else, and nothing more', () => {
    const { row } = csvFormat(',', ['', 'NA']);
    expect(row([], ['a', null, '', '  ', 'NA', ' NA', 'n;a', 'x,"y"', 'two\nlines', 0.5, '18446744073709551615'])).toBe(
      'a,,"","  ","NA"," NA",n;a,"x,""y""","two\nlines",0.5,18446744073709551615\n',
    );
  });

  it('separates by tabs', () => {
    expect(csvFormat('\t', []).header(['a,b', 'c\td'])).toBe('a,b\t"c\td"\n');
  });
});

describe('JSON_LINES', () => {
  it('writes one object per row, ids as text, and never a bare NaN', () => {
    expect(JSON_LINES.header(['id'])).toBe('');
    expect(JSON_LINES.row(['id', 'none', 'p'], ['9007199254740993', null, Number.NaN])).toBe(
      '{"id":"9007199254740993","none":null,"p":null}\n',
    );
  });
});
