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

/** Numbers of 16 digits and more, with a point, an exponent or both. */
const long = fc
  .tuple(
    fc.bigInt({ min: 10n ** 15n, max: 10n ** 20n }),
    fc.nat({ max: 21 }),
    fc.option(fc.integer({ min: -45, max: 45 })),
  )
  .map(([digits, point, exponent]) => {
    const padded = `${digits}`.padStart(point, '0');
    const whole = padded.slice(0, padded.length - point) || '0';
    return `${whole}.${padded.slice(padded.length - point)}${exponent === null ? '' : `e${exponent}`}`;
  });
/** Whole numbers in the middle between two float64. */
const halves = fc
  .tuple(fc.bigInt({ min: 2n ** 52n, max: 2n ** 53n - 1n }), fc.nat({ max: 9 }))
  .map(([value, shift]) => `${(2n * value + 1n) << BigInt(shift)}.0`);

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
    '1.e5',
    '0.000000000000000000',
    '-123456789.0123456789e-7',
  ])('reads %j as its text', (cell) => expect(fromBytes(cell)).toBe(byText(cell)));

  it.each([
    '',
    '.',
    '-',
    '007',
    '1.2.3',
    '1,5',
    '--1',
    'x',
    '1x',
    'inf',
    '0x10',
    '1_000',
    '.e5',
    '1e',
    '1e+',
    '1.5e5x',
  ])('takes %j for no number', (cell) => expect(fromBytes(cell)).toBeNaN());

  it('gives for any text the same bits as going by the text', () => {
    const texts = fc.oneof(nearNumbers, decimals, long, halves, fc.double().map(String), fc.string());
    fc.assert(
      fc.property(texts, (cell) => {
        expect(fromBytes(cell)).toBe(byText(cell));
      }),
      { numRuns: 5000 },
    );
  });
});
