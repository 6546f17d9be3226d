/** Reads numbers from cells: plain decimals only, never a guess. */

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const LEADING_ZERO = /^[+-]?0\d/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;
const WHOLE = /^[+-]?\d+$/;
const WITH_COMMA = /^[+-]?\d[\d.]*(?:,\d+)+(?:\.\d+)?$/;

/** What a cell's text is. */
export type CellKind = 'number' | 'code' | 'infinite' | 'tooLarge' | 'inexact' | 'comma' | 'text';

/**
 * Classifies the text of a cell that is not a null spelling; blanks around a number do not count.
 * - `number`: finite, and exact in float64 where it is a whole number written as digits
 * - `code`: a number with leading zeros, which may be an article number or a postcode
 * - `infinite`, `tooLarge`, `inexact`: numbers that float64 does not hold
 * - `comma`: looks like a number with a decimal comma or a comma between thousands
 */
export function classifyCell(cell: string): CellKind {
  const text = cell.trim();
  if (!DECIMAL.test(text)) return INFINITE.test(text) ? 'infinite' : WITH_COMMA.test(text) ? 'comma' : 'text';
  if (LEADING_ZERO.test(text)) return 'code';
  const value = Number(text);
  if (!Number.isFinite(value)) return 'tooLarge';
  if (WHOLE.test(text) && !Number.isSafeInteger(value)) return 'inexact';
  return 'number';
}

/** The number of a cell that {@link classifyCell} calls a number or a code, in float64. */
export function parseNumber(cell: string): number {
  return Number(cell);
}
