/** The options that say how a table on the command line is read, where that is not to be found out. */
import type { ReadingOptions } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';

/** The options as they are given. */
export interface ReadingFlags {
  readonly format?: string | undefined;
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  readonly encoding?: string | undefined;
}

const FORMATS = ['auto', 'csv', 'parquet', 'jsonl'] as const;
const ENCODINGS = ['auto', 'utf-8', 'utf-16', 'latin1'] as const;

/** What the options mean. @throws LockstepError USAGE */
export function readingOf({ format = 'auto', delimiter, quote, encoding = 'auto' }: ReadingFlags): ReadingOptions {
  const sign = delimiter === '\\t' ? '\t' : delimiter;
  if (sign !== undefined && !/^[\t -~]$/.test(sign))
    throw usage('--delimiter', sign, 'Give one character, for example ";" or "\\t".');
  if (quote !== undefined && !/^[!-/:-@[-`{-~]?$/.test(quote))
    throw usage('--quote', quote, `Give one character, for example "'", or "" for none.`);
  if (sign !== undefined && sign === quote) throw usage('--quote', quote, 'Give another one than --delimiter.');
  return {
    format: oneOf('--format', format, FORMATS),
    encoding: oneOf('--encoding', encoding, ENCODINGS),
    ...(sign === undefined ? {} : { delimiter: sign }),
    ...(quote === undefined ? {} : { quote }),
  };
}

function oneOf<Value extends string>(option: string, given: string, values: readonly Value[]): Value {
  const found = values.find((value) => value === given);
  if (found !== undefined) return found;
  throw usage(option, given, `Use one of: ${values.join(', ')}.`);
}

function usage(field: string, value: string, fix: string): LockstepError {
  return new LockstepError('USAGE', { message: `${field} has the value ${JSON.stringify(value)}.`, field, value, fix });
}
