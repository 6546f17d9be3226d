import { describe, expect, it } from 'vitest';
import { classifyCell, looksNumeric } from './cell-kind.js';
import { parseNumber } from './number.js';

describe('classifyCell', () => {
  it.each(['0', '-0', '12', '+3', '1.5', '.5', '5.', '1e-3', '1E5', '-2.5e+10', ' 7 ', '9007199254740991', '0.1'])(
    'takes %j for a number',
    (text) => {
      expect(classifyCell(text)).toBe('number');
      expect(Number.isFinite(parseNumber(text))).toBe(true);
    },
  );

  it.each(['007', '00', '-01', '00.5'])('takes %j for a code: its leading zeros may matter', (text) => {
    expect(classifyCell(text)).toBe('code');
  });

  it.each(['inf', '-Infinity', 'INF', '+inf'])('takes %j for an infinite number', (text) => {
    expect(classifyCell(text)).toBe('infinite');
  });

  it.each(['9007199254740993', '-18446744073709551615'])('sees that float64 cannot hold %s', (text) => {
    expect(classifyCell(text)).toBe('inexact');
  });

  it('sees numbers beyond the range of float64', () => {
    expect(classifyCell('1e400')).toBe('tooLarge');
    expect(classifyCell('1e-400')).toBe('number');
  });

  it.each(['1,5', '1.299,99', '1,000,000.50', '-0,5', '12,345', '1.000.000', '1 299', "1'299.5"])(
    'sees a number in other signs in %j',
    (text) => {
      expect(classifyCell(text)).toBe('separators');
    },
  );

  it('tells dates of ISO 8601 from others', () => {
    expect(
      ['2026-01-01', '2026-01-01T10:00Z', '01.02.2026', '2026/1/2', '2026-02-30'].map((text) => classifyCell(text)),
    ).toEqual(['date', 'date', 'otherDate', 'otherDate', 'text']);
  });

  it.each(['true', 'F', ' yes ', 'oN'])('takes %j for a boolean, and for a name', (text) => {
    expect(classifyCell(text)).toBe('boolean');
    expect(looksNumeric(text)).toBe(false);
  });

  it.each(['', ' ', 'abc', '0x10', '1_000', '1e', '--1', '1.2.3', '12a', '1;2', ',5', 'nan', '5%'])(
    'takes %j for text',
    (text) => {
      expect(classifyCell(text)).toBe('text');
    },
  );
});
