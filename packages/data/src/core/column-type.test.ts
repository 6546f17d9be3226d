import { describe, expect, it } from 'vitest';
import type { ColumnType } from './cell-format.js';
import { ColumnScan, type ScanOptions } from './column-scan.js';
import { decideType, type TypeOptions } from './column-type.js';
import { type NumberFormat, PLAIN_NUMBERS } from './number.js';

function scanOf(cells: readonly (string | null)[], options?: ScanOptions): ColumnScan {
  const scan = new ColumnScan('size', options);
  cells.forEach((cell, row) => {
    scan.add(cell, row);
  });
  return scan;
}

/** The type of a column. @throws what is wrong with it */
const decided = (scan: ColumnScan, options: TypeOptions): ColumnType => {
  const { type, problem } = decideType(scan, options);
  if (problem) throw problem;
  return type;
};

const typeOf = (cells: readonly (string | null)[], declared?: ColumnType, numbers: NumberFormat = PLAIN_NUMBERS) =>
  decided(scanOf(cells, { numbers }), { declared, numbers, lineOf: (row) => `line ${row + 10}` });

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
    ['12345678901234567.25', 'beyond 2^53'],
  ])('refuses %s among numbers', (text, what) => {
    expect(() => typeOf(['1', '2', text])).toThrow(what);
  });

  it('refuses a column of ids beyond 2^53 rather than make each a category', () => {
    expect(() => typeOf(['9007199254740993', '9007199254740995'])).toThrow(
      expect.objectContaining({ code: 'DATA_VALUE', fix: expect.stringContaining('data.ignore') }),
    );
  });

  it.each([
    [
      ['1.299,99', '0,5', '12', '1.000.000'],
      'decimal-comma numbers',
      'data.decimal: "," and data.thousands: "."',
      '1299.99',
    ],
    [['1,25', '0,75', '3', '2,0'], 'decimal-comma numbers', 'data.decimal: ","', '1.25'],
    [['1,299.99', '12'], 'signs between thousands', 'data.thousands: ","', '1299.99'],
    [["1'299.99", '12'], 'signs between thousands', `data.thousands: "'"`, '1299.99'],
    [['1\u00a0299,5', '3'], 'decimal-comma numbers', 'data.decimal: "," and data.thousands: " "', '1299.5'],
    [['1.000.000', '2.500.000'], 'decimal-comma numbers', 'data.decimal: "," and data.thousands: "."', '1000000'],
  ])('refuses %j rather than make each a category, and names the keys that read it', (cells, what, keys, value) => {
    expect(() => typeOf(cells)).toThrow(
      expect.objectContaining({
        code: 'DATA_VALUE',
        message:
          `Column size, row 1 (line 10): ${JSON.stringify(cells[0])} is no number, but the column looks like ${what}.`.replace(
            'like signs',
            'like numbers with signs',
          ),
        fix: `Set ${keys} (${JSON.stringify(cells[0])} is ${value} then); or set data.types: {size: text}.`,
      }),
    );
  });

  it('names both readings of a comma that may stand for either', () => {
    expect(() => typeOf(['1,000', '2,500', '7'])).toThrow(
      expect.objectContaining({
        message: 'Column size, row 1 (line 10): "1,000" can be read as 1 and as 1000.',
        fix: 'Set data.decimal: "," ("1,000" is 1 then), or data.thousands: "," ("1,000" is 1000 then), or data.types: {size: text}.',
      }),
    );
  });

  it('says so where no one way of writing reads the column', () => {
    expect(() => typeOf(['1.299,99', '1,299.99'])).toThrow(/no one way of writing numbers reads the whole column/);
  });

  it('holds every cell to the way of writing that the spec names', () => {
    const european = { decimal: ',', thousands: '.' } as const;
    expect(typeOf(['1.299,99', '0,5', '12', '1.000.000'], undefined, european)).toBe('number');
    expect(() => typeOf(['1,5', '1.25', '2'], undefined, european)).toThrow(/"1.25"/);
  });

  it('leaves versions, addresses and phone numbers text', () => {
    expect(typeOf(['11.0.1', '10.2.3', '9.9.9'])).toBe('text');
    expect(typeOf(['10.0.0.1', '10.0.12.7'])).toBe('text');
    expect(typeOf(['030 123 456', '040 123 456'])).toBe('text');
  });

  it('calls a column boolean where every cell is a spelling of one, and not all are 0 and 1', () => {
    expect(typeOf(['True', 'FALSE', 'yes', ' no ', null, 'oN', 'oFF', 'T', 'f', 'Y', 'n'])).toBe('boolean');
    expect(typeOf(['1', '0', 'true'])).toBe('boolean');
    expect(typeOf(['1', '0', '1'])).toBe('number');
    expect(typeOf(['yes', 'no', 'perhaps'])).toBe('text');
    expect(typeOf(['yes', 'no', 'yes'], 'text')).toBe('text');
    expect(typeOf(['1', '0'], 'boolean')).toBe('boolean');
  });

  it('refuses a cell that is no spelling in a column that is declared boolean, with all that are', () => {
    expect(() => typeOf(['yes', '2', 'maybe'], 'boolean')).toThrow(
      expect.objectContaining({
        code: 'DATA_VALUE',
        message:
          'Column size, row 2 (line 11): "2" is not a boolean: these are true, t, yes, y, on, 1 for true and false, f, no, n, off, 0 for false, in any case.',
      }),
    );
  });

  it('calls a column of ISO 8601 a date, with or without times and zones', () => {
    expect(typeOf(['2025-03-30T06:00:00Z', '2025-03-30 02:30:00', null, '2025-12-31'])).toBe('date');
    expect(typeOf(['2025-12-31', '2025-12-30'], 'text')).toBe('text');
    expect(typeOf(['2025-12-31', 'a', 'b'])).toBe('text');
  });

  it('refuses what is no date among dates', () => {
    expect(() => typeOf(['2025-12-31', 'never', '2025-02-30', '2025-12-30', '2025-12-30'])).toThrow(
      /row 2 \(line 11\): "never" is not a date of ISO 8601, as the column's others are\./,
    );
    expect(() => typeOf(['2025-12-31', '2025-02-30'])).toThrow(/row 2 .*"2025-02-30" is not a date/);
    expect(() => typeOf(['2025-12-31', '7', '8'])).toThrow(/row 1 .*"2025-12-31" is not a number/);
  });

  it('names both readings of a date that may be either, and the format of one that is only one', () => {
    expect(() => typeOf(['01/02/2024', '03/04/2024'])).toThrow(
      expect.objectContaining({
        message: 'Column size, row 1 (line 10): "01/02/2024" can be read as 2024-02-01 and as 2024-01-02.',
        fix: 'Set data.dateFormats: {size: "d/M/yyyy"} or data.dateFormats: {size: "M/d/yyyy"}; or set data.types: {size: text}.',
      }),
    );
    expect(() => typeOf(['01/02/2024', '31/12/2024'])).toThrow(
      expect.objectContaining({
        message: expect.stringContaining('looks like a date, but without a format only ISO 8601 (2024-01-31) is read'),
        fix: 'Set data.dateFormats: {size: "d/M/yyyy"}; or set data.types: {size: text}.',
      }),
    );
    expect(() => typeOf(['31/12/2024', '12/31/2024'])).toThrow(/no one format reads the whole column/);
  });

  it('holds a column to the format that the spec names', () => {
    const dates = { pattern: 'dd.MM.yyyy', timeZone: 'UTC' };
    const options = { dates, lineOf: (row: number) => `line ${row + 2}` };
    expect(decided(scanOf(['31.12.2024', '01.02.2024'], { dates }), options)).toBe('date');
    expect(() => decided(scanOf(['31.12.2024', '2024-12-31'], { dates }), options)).toThrow(
      /row 2 \(line 3\): "2024-12-31" is not a date in the format dd\.MM\.yyyy/,
    );
  });

  it('says whether other cells than single bad ones fit, and what is wrong', () => {
    const of = (...cells: string[]) => decideType(scanOf(cells), { lineOf: (row) => `line ${row}` });
    expect(of('1', '2')).toMatchObject({ type: 'number', problem: null, mostlyFits: true });
    expect(of('1', '2', 'x')).toMatchObject({ type: 'number', problem: { value: 'x' }, mostlyFits: true });
    expect(of('1,5', '2,5', '3')).toMatchObject({ type: 'number', problem: { value: '1,5' }, mostlyFits: false });
  });

  it('counts the distinct values of what may become categories', () => {
    expect(scanOf(['a', 'b', 'a', null, '3', '4']).distinctCount).toBe(2);
    expect(scanOf(['3', '4', '3'], { isText: true }).distinctCount).toBe(2);
    expect(scanOf(['3', '4', '3']).distinctCount).toBe(0);
  });

  it('refuses a word in a column that is declared numeric, even if words are most of it', () => {
    expect(() => typeOf(['a', 'b', '1'], 'number')).toThrow(/row 1 .*"a"/);
  });
});
