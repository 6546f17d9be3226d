/** Tests of numbers by namespace. */
import { describe, expect, it } from 'vitest';
import { namespaceNumbers } from './namespace-settings.js';

const BOUNDS = { min: 1, max: 1000 };

describe('numbers of namespaces', () => {
  it('are read by their names', () => {
    expect(namespaceNumbers(['vision=3', '*=2'], '--weight', BOUNDS)).toEqual({ vision: 3, '*': 2 });
    expect(namespaceNumbers([], '--weight', BOUNDS)).toEqual({});
  });

  it.each([
    [['vision'], "Write --weight vision=2, or '*=2' for all that are not named."],
    [['Vision=3'], "Write --weight vision=2, or '*=2' for all that are not named."],
    [['a=1', 'a=2'], 'Name each namespace once.'],
    [['a=0'], 'Use 1 to 1000.'],
    [['a=x'], 'Use a whole number from 0 to 1000.'],
    [['a=1001'], 'Use a whole number from 0 to 1000.'],
  ])('%j are refused', (options, fix) => {
    expect(() => namespaceNumbers(options, '--weight', BOUNDS)).toThrow(
      expect.objectContaining({ code: 'USAGE', field: '--weight', fix }),
    );
  });
});
