/** Reads plain decimal numbers straight from bytes: most cells of most tables never become a string. */
import { classifyCell } from './cell-kind.js';
import { parseNumber } from './number.js';

const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
const BLANK = 0x20;
const ASCII_END = 0x80;
/** Digits whose whole number float64 always holds. */
const EXACT_DIGITS = 15;
/** Powers of ten that float64 holds exactly, as far as {@link EXACT_DIGITS} can need them. */
const POWERS = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => Number(`1e${exponent}`));

/**
 * The float64 nearest to the number in `bytes[start, end)`, NaN for all that `classifyCell` does not call a number.
 * Up to 15 digits are one exact division (Clinger 1990); what is longer or has an exponent goes by its text.
 */
export function plainDecimal(bytes: Buffer, start: number, end: number): number {
  let at = start;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  const first = at;
  let whole = 0;
  while (at < end && isDigit(bytes[at]!)) whole = whole * 10 + (bytes[at++]! - ZERO);
  let digits = at - first;
  if (digits > 1 && bytes[first] === ZERO) return byText(bytes, start, end);
  let decimals = 0;
  if (at < end && bytes[at] === POINT) {
    const from = ++at;
    while (at < end && isDigit(bytes[at]!)) whole = whole * 10 + (bytes[at++]! - ZERO);
    decimals = at - from;
    digits += decimals;
  }
  if (at < end || digits === 0 || digits > EXACT_DIGITS) {
    return mayBeNumber(bytes, start, end) ? byText(bytes, start, end) : Number.NaN;
  }
  const value = decimals === 0 ? whole : whole / POWERS[decimals]!;
  return sign === MINUS ? -value : value;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

/** Whether a text can be a number at all, by its first byte: a digit, a point, a sign, or a blank of any kind. */
function mayBeNumber(bytes: Buffer, start: number, end: number): boolean {
  if (start === end) return false;
  const first = bytes[start]!;
  return isDigit(first) || first === POINT || first === PLUS || first === MINUS || first <= BLANK || first >= ASCII_END;
}

function byText(bytes: Buffer, start: number, end: number): number {
  const text = bytes.toString('utf8', start, end);
  return classifyCell(text) === 'number' ? parseNumber(text) : Number.NaN;
}
