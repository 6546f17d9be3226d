import { LockstepError } from '@lockstep/protocol/core';
import { describe, expect, it } from 'vitest';
import { inOptions, onDataArgument } from './data-argument.js';

describe('errors of a table on the command line', () => {
  it.each([
    ['Set data.delimiter, or put column names in quotes.', 'Give --delimiter, or put column names in quotes.'],
    [
      'Save it in UTF-8, or set data.encoding: latin1 where it is.',
      'Save it in UTF-8, or give --encoding latin1 where it is.',
    ],
    ['x is in UTF-16, and data.encoding is utf-8', 'x is in UTF-16, and --encoding is utf-8'],
    ['Set data.decimal: "," and data.thousands: "." then.', 'Give --decimal "," and --thousands "." then.'],
    ['Where quotes are mere characters, set data.quote: "".', 'Where quotes are mere characters, give --quote "".'],
    [
      'Mend the row, or leave bad rows out: with data.onBadRow: skip in training, with --rejects in lockstep predict.',
      'Mend the row, or leave bad rows out with --rejects FILE, which lists them.',
    ],
    [
      'Give files with the same columns, in any order, or name those that belong together in data.path.',
      'Give files with the same columns, in any order.',
    ],
  ])('name options, not keys: %s', (key, option) => {
    expect(inOptions(key, { skipsBadRows: true })).toBe(option);
  });

  it('do not name an option that the verb has not', () => {
    const fix =
      'Mend the row, or leave bad rows out: with data.onBadRow: skip in training, with --rejects in lockstep predict.';
    expect(inOptions(fix, { skipsBadRows: false })).toBe('Mend the row.');
  });

  it('keep every problem, at the argument', async () => {
    const bad = { code: 'DATA_UNREADABLE', path: 'data.path', line: 2 } as const;
    const problems = [{ ...bad, message: 'Line 2: is 1.5 with data.decimal: ","' }] as const;
    const thrown = new LockstepError('DATA_UNREADABLE', { field: 'data.path', value: 'a.csv', problems });
    await expect(onDataArgument('a.csv', { skipsBadRows: true }, () => Promise.reject(thrown))).rejects.toMatchObject({
      ...{ field: 'DATA', value: 'a.csv' },
      problems: [{ ...bad, path: 'DATA', message: 'Line 2: is 1.5 with --decimal ","' }],
    });
  });
});
