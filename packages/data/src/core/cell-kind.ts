/** What the text of a cell looks like. */
import { parseBoolean } from './boolean.js';
import { isIsoDate, ordersOf } from './date.js';
import { formatsOf, type NumberFormat, PLAIN_NUMBERS, plainNumber } from './number.js';

const LEADING_ZERO = /^[+-]?0\d/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
/** A number without an exponent: every digit of it is meant. */
const DIGITS = /^[+-]?\d*\.?\d*$/;
const STARTS_AS_NUMBER = /^[+-]?\d/;
/** Digits with signs between them that some country writes numbers with. */
const SEPARATED = /^[+-]?\d[\d.,' \u00a0\u202f\u2019]*\d$/;

/** What a cell's text is. */
export type CellKind =
  | 'number'
  | 'code'
  | 'infinite'
  | 'tooLarge'
  | 'inexact'
  | 'separators'
  | 'boolean'
  | 'date'
  | 'otherDate'
  | 'text';

/** Every kind. */
export const CELL_KINDS: readonly CellKind[] = [
  'number',
  'code',
  'infinite',
  'tooLarge',
  'inexact',
  'separators',
  'boolean',
  'date',
  'otherDate',
  'text',
];

/**
 * Classifies the text of a cell that is not a null spelling; blanks around it do not count.
 * - `number`: finite, and within 2^53 where all digits are written, so that no whole number is lost
 * - `code`: a number with leading zeros, which may be an article number or a postcode
 * - `infinite`, `tooLarge`, `inexact`: numbers that float64 does not hold
 * - `separators`: a number with another decimal sign, or with signs between thousands, than `format` has
 * - `date`: a date or timestamp of ISO 8601; `otherDate`: a date in another order or with other signs
 * - `boolean`: a word for true or false; 0 and 1 are numbers
 */
export function classifyCell(cell: string, format: NumberFormat = PLAIN_NUMBERS): CellKind {
  const plain = plainNumber(cell, format);
  if (plain === null) return classifyText(cell.trim());
  if (LEADING_ZERO.test(plain)) return 'code';
  const value = Number(plain);
  if (!Number.isFinite(value)) return 'tooLarge';
  if (DIGITS.test(plain) && Math.abs(value) > Number.MAX_SAFE_INTEGER) return 'inexact';
  return 'number';
}

function classifyText(text: string): CellKind {
  if (STARTS_AS_NUMBER.test(text)) {
    if (SEPARATED.test(text) && formatsOf(text) !== 0) return 'separators';
    if (isIsoDate(text)) return 'date';
    return ordersOf(text) === 0 ? 'text' : 'otherDate';
  }
  if (!Number.isNaN(parseBoolean(text))) return 'boolean';
  return INFINITE.test(text) ? 'infinite' : 'text';
}

/** Whether a text is written as a number in some way, and so is no name. */
export function looksNumeric(text: string): boolean {
  const kind = classifyCell(text);
  return kind !== 'text' && kind !== 'boolean';
}
