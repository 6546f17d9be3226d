import { describe, expect, it } from 'vitest';
import { ColumnScan, decideType } from './column-scan.js';

function scanOf(cells: readonly (string | null)[]): ColumnScan {
  const scan = new ColumnScan('size');
  cells.forEach((cell, row) => {
    scan.add(cell, row);
  });
  return scan;
}

const typeOf = (cells: readonly (string | null)[], declared?: 'number' | 'text') =>
  decideType(scanOf(cells), declared, (row) => `line ${row + 10}`);

const numbers = (count: number): string[] => Array.from({ length: count }, (_, index) => String(index + 0.5));

describe('decideType', () => {
  it('calls a column of numbers and missing cells numeric', () => {
    expect(typeOf(['1', null, '2.5'])).toBe('number');
  });

  it('calls a column of words text', () => {
    expect(typeOf(['oak', 'elm', '3'])).toBe('text');
  });

  it('keeps codes with leading zeros as text, whatever else is there', () => {
    expect(typeOf(['10115', '01067', '99999'])).toBe('text');
    expect(typeOf(['10115', '01067', 'A-1', '123456789012345678901'])).toBe('text');
  });

  it('takes codes for numbers where the spec says so', () => {
    expect(typeOf(['10115', '01067'], 'number')).toBe('number');
  });

  it('takes anything for text where the spec says so', () => {
    expect(typeOf(['1', 'inf', '1,5', '9007199254740993'], 'text')).toBe('text');
  });

  it('refuses one word among numbers with its column, row, line, value and three ways out', () => {
    expect(() => typeOf([...numbers(100), 'n.a.'])).toThrow(
      expect.objectContaining({
        code: 'DATA_VALUE',
        field: 'size',
        value: 'n.a.',
        message: 'Column size, row 101 (line 110): "n.a." is not a number, but most of the column is.',
        fix: expect.stringMatching(/Mend.*data\.nulls.*data\.types: \{size: text\}/),
      }),
    );
  });

  it('finds the word however late it comes', () => {
    expect(() => typeOf([...numbers(50_000), '11.0.1'])).toThrow(/row 50001 .*"11\.0\.1"/);
  });

  it.each([
    ['inf', 'is not a finite number'],
    ['1e999', 'is beyond the range of float64'],
    ['9007199254740993', 'beyond 2^53'],
    ['1,5', 'looks like a number with a comma'],
  ])('refuses %s among numbers', (text, what) => {
    expect(() => typeOf(['1', '2', text])).toThrow(what);
  });

  it('refuses a column of ids beyond 2^53 rather than make each a category', () => {
    expect(() => typeOf(['9007199254740993', '9007199254740995'])).toThrow(
      expect.objectContaining({ code: 'DATA_VALUE', fix: expect.stringContaining('data.ignore') }),
    );
  });

  it('refuses a column of decimal commas rather than make each a category', () => {
    expect(() => typeOf(['1,5', '0,5', '1.000,25'])).toThrow(/"1,5" looks like a number with a comma/);
  });

  it('refuses a word in a column that is declared numeric, even if words are most of it', () => {
    expect(() => typeOf(['a', 'b', '1'], 'number')).toThrow(/row 1 .*"a"/);
  });
});
