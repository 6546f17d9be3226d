import { parseJobSpec } from '@lockstep/spec';
import { describe, expect, it } from 'vitest';
import { type ReadingFlags, readingOf } from './reading-flags.js';

/** Whether the options take a sign. */
function takes(flags: ReadingFlags): boolean {
  try {
    readingOf(flags);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'USAGE', field: expect.stringMatching(/^--(delimiter|quote)$/) });
    return false;
  }
}

/** Whether a spec takes it. */
function specTakes(flags: ReadingFlags): boolean {
  const data = { path: 'd.csv', label: 'y', ...flags };
  return parseJobSpec(JSON.stringify({ data, model: [{ dense: { units: 1 } }], train: { loss: 'mse' } })).spec !== null;
}

describe('the options of reading', () => {
  const signs = ['', '\u00e4', ',,', ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))];

  it.each(['delimiter', 'quote'] as const)('take for --%s the signs that a spec takes', (key) => {
    const found = signs.filter((sign) => takes({ [key]: sign }));
    expect(found.length).toBeGreaterThan(10);
    expect(found).toEqual(signs.filter((sign) => specTakes({ [key]: sign })));
  });

  it('take a tab by its name, and no sign for both', () => {
    expect(readingOf({ delimiter: '\\t' })).toMatchObject({ delimiter: '\t' });
    expect(takes({ delimiter: '|', quote: '|' })).toBe(false);
  });
});
