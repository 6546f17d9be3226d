/** Options of every verb that reads a table, as the command line takes them. */
import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';

/** Of the verbs that can go on without bad rows. */
export const REJECTS_OPTION = new Option(
  '--rejects <file>',
  'leave bad rows out and list them there (default: refuse the table)',
);

/** Adds what says how a table is read, where that is not to be found out. */
export function readingOptions<Args extends unknown[], Options extends OptionValues, Globals extends OptionValues>(
  command: Command<Args, Options, Globals>,
) {
  return command
    .option('--format <format>', 'csv, parquet or jsonl (default: found)')
    .option('--delimiter <sign>', 'what stands between cells of CSV (default: found)')
    .option('--quote <sign>', 'what stands around cells of CSV, "" for nothing (default: \'"\')')
    .option('--encoding <encoding>', 'utf-8, utf-16 or latin1 (default: by the byte order mark, else utf-8)')
    .option('--decimal <sign>', '"." or ",", in all numbers of the table')
    .option('--thousands <sign>', 'none, or what stands between thousands: "." "," " " or "\'"');
}
