/** Tests of what is set for each of some namespaces. */
import { describe, expect, it } from 'vitest';
import { namespaceSettings, parseSpan } from './namespace-settings.js';
import { parseCount } from './options.js';

const COUNTS = {
  flag: '--weight',
  example: '3',
  mayBeUnnamed: false,
  read: (text: string) => parseCount(text, '--weight', 1000, 1),
};
const SPANS = { flag: '--keep', example: '90d', mayBeUnnamed: true, read: parseSpan };

describe('settings of namespaces', () => {
  it('are read by their names', () => {
    expect(namespaceSettings(['vision=3', '*=2'], COUNTS)).toEqual({ vision: 3, '*': 2 });
    expect(namespaceSettings([], COUNTS)).toEqual({});
    expect(Object.entries(namespaceSettings(['constructor=4'], COUNTS))).toEqual([['constructor', 4]]);
    expect(namespaceSettings(['90d', 'vision=forever', 'a=12h', 'b=30m', 'c=10s'], SPANS)).toEqual({
      ...{ '*': 7_776_000, vision: Number.POSITIVE_INFINITY, a: 43_200, b: 1800, c: 10 },
    });
  });

  it.each([
    [['3'], "Write --weight vision=3, or '*=3' for all that are not named."],
    [['vision='], "Write --weight vision=3, or '*=3' for all that are not named."],
    [['Vision=3'], "Write --weight vision=3, or '*=3' for all that are not named."],
    [['a=1', 'a=2'], 'Name each namespace once.'],
    [['a=0'], 'Use a whole number from 1 to 1000.'],
    [['a=x'], 'Use a whole number from 1 to 1000.'],
    [['a=1001'], 'Use a whole number from 1 to 1000.'],
  ])('%j are refused', (options, fix) => {
    expect(() => namespaceSettings(options, COUNTS)).toThrow(
      expect.objectContaining({ code: 'USAGE', field: '--weight', fix }),
    );
  });

  it.each(['', '90', 'd', '-1d', '1.5d', '99999999999d', '40000d', 'never'])('%j is no time', (text) => {
    expect(() => parseSpan(text, '--keep')).toThrow(expect.objectContaining({ code: 'USAGE', field: '--keep' }));
  });
});
