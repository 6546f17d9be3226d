import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyCell } from './cell-kind.js';
import { plainDecimal } from './decimal.js';
import { parseNumber } from './number.js';

const byText = (cell: string): number => (classifyCell(cell) === 'number' ? parseNumber(cell) : Number.NaN);

/** The number in a cell that stands between others. */
function fromBytes(cell: string): number {
  const before = Buffer.from('9,');
  const bytes = Buffer.concat([before, Buffer.from(cell), Buffer.from(',9')]);
  return plainDecimal(bytes, before.length, before.length + Buffer.byteLength(cell));
}

/** Texts of the letters of numbers, most of them none. */
const nearNumbers = fc.string({ unit: fc.constantFrom(...'0123456789+-.eE ,\u00a0xé'), maxLength: 24 });
const decimals = fc
  .tuple(fc.constantFrom('', '-', '+'), fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.nat({ max: 18 }))
  .map(([sign, digits, point]) => `${sign}${`${digits}`.slice(0, point)}.${`${digits}`.slice(point)}`);

describe('plainDecimal', () => {
  it.each([
    '0',
    '-0',
    '+5',
    '5.',
    '.5',
    '-.5',
    '0.1',
    '123456789012345',
    '1234567890123456',
    '9007199254740993',
    '1e400',
  ])('reads %j as its text', (cell) => expect(fromBytes(cell)).toBe(byText(cell)));

  it.each(['', '.', '-', '007', '1.2.3', '1,5', '--1', 'x', '1x', 'inf', '0x10', '1_000'])(
    'takes %j for no number',
    (cell) => expect(fromBytes(cell)).toBeNaN(),
  );

  it('gives for any text the same bits as going by the text', () => {
    const texts = fc.oneof(nearNumbers, decimals, fc.double().map(String), fc.string());
    fc.assert(
      fc.property(texts, (cell) => {
        expect(fromBytes(cell)).toBe(byText(cell));
      }),
      { numRuns: 3000 },
    );
  });
});
