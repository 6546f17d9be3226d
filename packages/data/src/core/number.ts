/** Reads numbers from cells in the way of writing that the spec names: never a guess. */

/** How numbers are written. */
export interface NumberFormat {
  /** Sign between the whole part and the fraction. */
  readonly decimal: '.' | ',';
  /** Sign between thousands; '' where there is none. */
  readonly thousands: '' | '.' | ',' | ' ' | "'";
}

/** The way of programs, and the one that is meant unless a spec says otherwise. */
export const PLAIN_NUMBERS: NumberFormat = { decimal: '.', thousands: '' };

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Signs that stand for each: typesetting has blanks and apostrophes of its own. */
const SIGNS: Readonly<Record<string, string>> = { '.': '\\.', ',': ',', ' ': '[ \\u00a0\\u202f]', "'": "['\\u2019]" };

interface Pattern {
  readonly shape: RegExp;
  readonly thousands: RegExp | null;
}

const patterns = new Map<string, Pattern>();

function patternOf({ decimal, thousands }: NumberFormat): Pattern {
  const key = thousands + decimal;
  const known = patterns.get(key);
  if (known) return known;
  const point = SIGNS[decimal];
  const grouped = thousands === '' ? '' : `[1-9]\\d{0,2}(?:${SIGNS[thousands]}\\d{3})+|`;
  const made = {
    shape: new RegExp(`^([+-]?)(${grouped}\\d*)(?:${point}(\\d*))?([eE][+-]?\\d+)?$`),
    thousands: thousands === '' ? null : new RegExp(SIGNS[thousands]!, 'g'),
  };
  patterns.set(key, made);
  return made;
}

/** The same number as programs write it, without blanks around it; null for a text that is none in this format. */
export function plainNumber(cell: string, format: NumberFormat): string | null {
  const text = cell.trim();
  if (format.decimal === '.' && format.thousands === '') return DECIMAL.test(text) ? text : null;
  const { shape, thousands } = patternOf(format);
  const found = shape.exec(text);
  if (!found) return null;
  const [, sign = '', whole = '', fraction = '', exponent = ''] = found;
  if (whole === '' && fraction === '') return null;
  const digits = thousands ? whole.replace(thousands, '') : whole;
  return `${sign}${digits}${fraction === '' ? '' : `.${fraction}`}${exponent}`;
}

/** The number of a cell in float64; NaN for a text that is none in this format. */
export function parseNumber(cell: string, format: NumberFormat = PLAIN_NUMBERS): number {
  const plain = plainNumber(cell, format);
  return plain === null ? Number.NaN : Number(plain);
}

/** Ways of writing that are looked for where a column has none of the right one, the plainest first. */
export const NUMBER_FORMATS: readonly NumberFormat[] = [
  { decimal: '.', thousands: '' },
  { decimal: ',', thousands: '' },
  { decimal: '.', thousands: ',' },
  { decimal: ',', thousands: '.' },
  { decimal: '.', thousands: ' ' },
  { decimal: ',', thousands: ' ' },
  { decimal: '.', thousands: "'" },
  { decimal: ',', thousands: "'" },
];

/** Which of {@link NUMBER_FORMATS} a text is a number in, as bits. */
export function formatsOf(cell: string): number {
  return NUMBER_FORMATS.reduce((bits, format, at) => bits | (plainNumber(cell, format) === null ? 0 : 1 << at), 0);
}
