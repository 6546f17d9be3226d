/** Options of every verb that reads a table, as the command line takes them. */
import { Option } from '@commander-js/extra-typings';

/** The options, by what they say. */
export const TABLE_OPTIONS = {
  format: new Option('--format <format>', 'csv, parquet or jsonl (default: found)'),
  delimiter: new Option('--delimiter <sign>', 'what stands between cells of CSV (default: found)'),
  quote: new Option('--quote <sign>', 'what stands around cells of CSV, "" for nothing (default: \'"\')'),
  encoding: new Option(
    '--encoding <encoding>',
    'utf-8, utf-16 or latin1 (default: by the byte order mark, else utf-8)',
  ),
  decimal: new Option('--decimal <sign>', '"." or ",", in all numbers of the table'),
  thousands: new Option('--thousands <sign>', 'none, or what stands between thousands: "." "," " " or "\'"'),
  rejects: new Option('--rejects <file>', 'leave bad rows out and list them there (default: refuse the table)'),
} as const;
