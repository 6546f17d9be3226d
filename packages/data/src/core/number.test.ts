import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NUMBER_FORMATS, type NumberFormat, parseNumber, plainNumber } from './number.js';

/** Writes a number with the signs of a format. */
function written(value: number, { decimal, thousands }: NumberFormat): string {
  const [whole = '', fraction] = value.toFixed(3).split('.');
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, thousands)}${decimal}${fraction}`;
}

describe('parseNumber', () => {
  it.each([
    ['1.299,99', 1299.99],
    ['0,5', 0.5],
    ['12', 12],
    ['1.000.000', 1_000_000],
    ['-1.250,5e2', -125_050],
    [',5', 0.5],
    [' 7, ', 7],
  ])('reads %j with decimal commas and points between thousands', (text, value) => {
    expect(parseNumber(text, { decimal: ',', thousands: '.' })).toBe(value);
  });

  it.each(['1.25', '1234.567', '1.2999,9', '0.500', '1..000', '1,2,3', '', ',', '1.000 000', 'inf', '0x10', '1e'])(
    'reads no number from %j then',
    (text) => {
      expect(plainNumber(text, { decimal: ',', thousands: '.' })).toBeNull();
      expect(parseNumber(text, { decimal: ',', thousands: '.' })).toBeNaN();
    },
  );

  it('takes the blanks and apostrophes of typesetting for plain ones', () => {
    expect(parseNumber('1\u202f299,5', { decimal: ',', thousands: ' ' })).toBe(1299.5);
    expect(parseNumber('1\u2019299.5', { decimal: '.', thousands: "'" })).toBe(1299.5);
  });

  it('reads back what is written in any format', () => {
    fc.assert(
      fc.property(fc.constantFrom(...NUMBER_FORMATS), fc.integer({ min: -1e9, max: 1e9 }), (format, thousandths) => {
        const value = thousandths / 1000;
        expect(parseNumber(written(value, format), format)).toBe(Number(value.toFixed(3)));
      }),
    );
  });
});
