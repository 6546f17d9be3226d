/** Reads plain decimal numbers straight from bytes: most cells of most tables never become a string. */
import { classifyCell } from './cell-kind.js';
import { parseNumber } from './number.js';

const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
const LETTER_E = 0x65;
/** Makes a capital letter small. */
const CASE_BIT = 0x20;
const BLANK = 0x20;
const ASCII_END = 0x80;
/** Digits whose whole number float64 always holds. */
const EXACT_DIGITS = 15;
/** Digits that two float64 hold. */
const LONG_DIGITS = 19;
/** Powers of ten that float64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** 2^27 + 1 halves the digits of a float64 (Veltkamp). */
const HALVES = 134_217_729;
/** Bound of the error of a correction, relative to the number that it corrects. */
const CORRECTION_ERROR = 2 ** -100;

/**
 * The float64 nearest to the number in `bytes[start, end)`, NaN for all that `classifyCell` does not call a number.
 * Up to 15 digits are one exact division (Clinger 1990), up to 19 and small exponents go by two float64; the rest by its text.
 */
export function plainDecimal(bytes: Buffer, start: number, end: number): number {
  let at = start;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  const first = at;
  let whole = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (digit < 0 || digit > 9) break;
    whole = whole * 10 + digit;
  }
  let digits = at - first;
  if (digits > 1 && bytes[first] === ZERO) return byText(bytes, start, end);
  let decimals = 0;
  if (at < end && bytes[at] === POINT) {
    const from = ++at;
    for (; at < end; at++) {
      const digit = bytes[at]! - ZERO;
      if (digit < 0 || digit > 9) break;
      whole = whole * 10 + digit;
    }
    decimals = at - from;
    digits += decimals;
  }
  if (at < end || digits === 0 || digits > EXACT_DIGITS) {
    if (!mayBeNumber(bytes, start, end)) return Number.NaN;
    const long = longDecimal(bytes, first, end);
    if (Number.isNaN(long)) return byText(bytes, start, end);
    return sign === MINUS ? -long : long;
  }
  const value = decimals === 0 ? whole : whole / POWERS[decimals]!;
  return sign === MINUS ? -value : value;
}

/** A number of up to 19 digits with a point or an exponent; NaN for another text and where the nearest float64 is not sure. */
function longDecimal(bytes: Buffer, start: number, end: number): number {
  let head = 0;
  let tail = 0;
  let digits = 0;
  let met = 0;
  let point = -1;
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === POINT && point < 0) point = at;
    else if (!isDigit(byte)) break;
    else {
      met++;
      if (digits > 0 || byte !== ZERO) digits++;
      if (digits <= EXACT_DIGITS) head = head * 10 + (byte - ZERO);
      else tail = tail * 10 + (byte - ZERO);
    }
  }
  const decimals = point < 0 ? 0 : at - point - 1;
  const exponent = at < end ? exponentOf(bytes, at, end) : 0;
  const power = exponent - decimals;
  // A whole number without an exponent may be one that float64 does not hold.
  const isWhole = point < 0 && at === end;
  if (isWhole || met === 0 || digits > LONG_DIGITS || !(Math.abs(power) < POWERS.length)) return Number.NaN;
  if (digits <= EXACT_DIGITS) return power < 0 ? head / POWERS[-power]! : head * POWERS[power]!;
  const scale = POWERS[digits - EXACT_DIGITS]!;
  const rough = head * scale;
  const rest = productError(head, scale, rough) + tail;
  const high = rough + rest;
  const value = scaled(high, rest - (high - rough), power);
  // Without an exponent every digit is meant, and here float64 does not hold them.
  return at === end && value > Number.MAX_SAFE_INTEGER ? Number.NaN : value;
}

/** The exponent that a text from its `e` on is; NaN for another one. */
function exponentOf(bytes: Buffer, start: number, end: number): number {
  let at = start + 1;
  if ((bytes[start]! | CASE_BIT) !== LETTER_E) return Number.NaN;
  const sign = bytes[at];
  if (sign === MINUS || sign === PLUS) at++;
  if (at >= end || end - at > 3) return Number.NaN;
  let exponent = 0;
  for (; at < end; at++) {
    if (!isDigit(bytes[at]!)) return Number.NaN;
    exponent = exponent * 10 + (bytes[at]! - ZERO);
  }
  return sign === MINUS ? -exponent : exponent;
}

/**
 * The float64 nearest to (high + low) * 10^power; NaN where what is left out may decide. Quotient or product and their
 * exact errors (Dekker 1971) make a first value and a correction; rounding is monotonic, so where the smallest and the
 * largest correction give the same float64, that is the nearest one.
 */
function scaled(high: number, low: number, power: number): number {
  const scale = POWERS[Math.abs(power)]!;
  const value = power < 0 ? high / scale : high * scale;
  let correction: number;
  if (power < 0) {
    const product = value * scale;
    correction = (high - product - productError(value, scale, product) + low) / scale;
  } else correction = productError(high, scale, value) + low * scale;
  const error = value * CORRECTION_ERROR;
  const nearest = value + (correction - error);
  return nearest === value + (correction + error) ? nearest : Number.NaN;
}

/** What `product`, the rounded x * y, lacks (Dekker 1971); exact while nothing overflows. */
function productError(x: number, y: number, product: number): number {
  const xHigh = x * HALVES - (x * HALVES - x);
  const yHigh = y * HALVES - (y * HALVES - y);
  const xLow = x - xHigh;
  const yLow = y - yHigh;
  return xLow * yLow - (product - xHigh * yHigh - xLow * yHigh - xHigh * yLow);
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
  return textNumber(bytes.toString('utf8', start, end));
}

/** The number that a text is, NaN for all that `classifyCell` does not call one. */
export function textNumber(text: string): number {
  return classifyCell(text) === 'number' ? parseNumber(text) : Number.NaN;
}
