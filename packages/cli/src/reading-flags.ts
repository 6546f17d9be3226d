/** The options that say how a table on the command line is read, where that is not to be found out. */
import type { NumberFormat, ReadingOptions } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { CSV_DELIMITER, CSV_QUOTE } from '@lockstep/spec';

/** The options as they are given. */
export interface ReadingFlags {
  readonly format?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  readonly encoding?: string | undefined;
}

/** The options that say how the numbers of a table are written. */
export interface NumberFlags {
  readonly decimal?: string | undefined;
  readonly thousands?: string | undefined;
}

const FORMATS = ['auto', 'csv', 'parquet', 'jsonl'] as const;
const ENCODINGS = ['auto', 'utf-8', 'utf-16', 'latin1'] as const;
const DECIMALS = ['.', ','] as const;
const THOUSANDS = ['none', '.', ',', ' ', "'"] as const;

/** What the options mean: the signs are those that a spec takes. @throws LockstepError USAGE */
export function readingOf({ format = 'auto', delimiter, quote, encoding = 'auto' }: ReadingFlags): ReadingOptions {
  const sign = delimiter === '\\t' ? '\t' : delimiter;
  if (sign !== undefined && !CSV_DELIMITER.test(sign))
    throw usage('--delimiter', sign, 'Give one character that can stand between cells, for example ";" or "\\t".');
  if (quote !== undefined && !CSV_QUOTE.test(quote))
    throw usage('--quote', quote, `Give one character that can stand around cells, for example "'", or "" for none.`);
  if (sign !== undefined && sign === quote) throw usage('--quote', quote, 'Give another one than --delimiter.');
  return {
    format: oneOf('--format', format, FORMATS),
    encoding: oneOf('--encoding', encoding, ENCODINGS),
    ...(sign === undefined ? {} : { delimiter: sign }),
    ...(quote === undefined ? {} : { quote }),
  };
}

/**
 * How numbers are written.
 * @param others what holds where an option is not given
 * @throws LockstepError USAGE
 */
export function numbersOf({ decimal, thousands }: NumberFlags, others: NumberFormat): NumberFormat {
  const grouped = thousands === undefined ? others.thousands : oneOf('--thousands', thousands, THOUSANDS);
  const numbers: NumberFormat = {
    decimal: decimal === undefined ? others.decimal : oneOf('--decimal', decimal, DECIMALS),
    thousands: grouped === 'none' ? '' : grouped,
  };
  if (numbers.decimal !== numbers.thousands) return numbers;
  const { decimal: sign } = numbers;
  // A decimal sign that is said displaces what stood between thousands before.
  if (decimal !== undefined && thousands === undefined) return { decimal: sign, thousands: '' };
  const fix = `Give --decimal ${JSON.stringify(sign === '.' ? ',' : '.')} too, or another --thousands.`;
  throw usage('--thousands', sign, fix);
}

function oneOf<Value extends string>(option: string, given: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === given);
  if (found !== undefined) return found;
  const shown = values.map((value) => (/^\w/.test(value) ? value : JSON.stringify(value)));
  throw usage(option, given, `Use one of: ${shown.join(', ')}.`);
}

function usage(field: string, value: string, fix: string): LockstepError {
  return new LockstepError('USAGE', { message: `${field} has the value ${JSON.stringify(value)}.`, field, value, fix });
}
