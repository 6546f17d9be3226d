/** Turns what DuckDB says about a CSV file into one sentence with the line. */
import { LockstepError } from '@lockstep/protocol/core';
import { DUCKDB_MEMORY, MAX_LINE_BYTES } from '../limits.js';

/** Longest piece of a line that a message shows. */
const SHOWN_CHARACTERS = 80;

interface Explanation {
  readonly pattern: RegExp;
  readonly what: (match: RegExpExecArray) => string;
  readonly fix: string;
}

const EXPLANATIONS: readonly Explanation[] = [
  {
    pattern: /Expected Number of Columns: (\d+) Found: (\d+)/,
    what: ([, expected, found]) => `has ${found} ${found === '1' ? 'cell' : 'cells'}, the header has ${expected}`,
    fix: 'Give every line as many cells as the header; put a cell that holds the delimiter in double quotes.',
  },
  {
    pattern: /unterminated quote/i,
    what: () => 'has a quote that is not closed, or text after a closing quote',
    fix: 'Write a quote inside a quoted cell as two: "".',
  },
  {
    pattern: /not utf-8|unicode/i,
    what: () => 'is not in UTF-8',
    fix: 'Save the file as CSV in UTF-8.',
  },
  {
    pattern: /maximum line size/i,
    what: () => `is longer than ${MAX_LINE_BYTES} bytes`,
    fix: 'Look for a quote that is not closed, or leave the long column out.',
  },
  {
    pattern: /invalid state/i,
    what: () => 'mixes line ends (CR LF and LF), or its quotes do not come in pairs',
    fix: 'Save the file with one kind of line end and quotes in pairs.',
  },
];

/** A file that cannot be read. */
export interface UnreadableFile {
  readonly path: string;
  readonly fileName: string;
  readonly columnCount: number;
  /** The line on which a record starts, blank lines counted as records, the header as 1. */
  readonly lineOfRecord: (record: number) => number;
}

/** The error for a file that DuckDB refuses to read. */
export function unreadableCsv(file: UnreadableFile, thrown: unknown): LockstepError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  if (/out of memory/i.test(text)) return tooLarge(file, thrown);
  // DuckDB counts records here, also where a cell holds line breaks.
  const record = /CSV Error on Line:\s*(\d+)/.exec(text)?.[1];
  const line = record && String(file.lineOfRecord(Number(record)));
  const where = line ? `line ${line} of ${file.fileName}` : file.fileName;
  const original = /Original Line:\s*(.*)/.exec(text)?.[1];
  const shown = original ? `: ${JSON.stringify(original.slice(0, SHOWN_CHARACTERS))}` : '';
  for (const { pattern, what, fix } of EXPLANATIONS) {
    const match = pattern.exec(text);
    if (match) return unreadable(`${capital(where)} ${what(match)}${shown}.`, line ?? file.fileName, fix, thrown);
  }
  const first = text.split('\n')[0]!.replaceAll(file.path, file.fileName).slice(0, 300);
  return unreadable(`${capital(where)} cannot be read: ${first}`, line ?? file.fileName, 'Mend the file.', thrown);
}

function tooLarge({ fileName, columnCount }: UnreadableFile, cause: unknown): LockstepError {
  return new LockstepError('DATA_TOO_LARGE', {
    message: `${fileName} with ${columnCount} columns takes more memory to read than the limit of ${DUCKDB_MEMORY}.`,
    field: 'data.path',
    value: `${columnCount} columns`,
    fix: 'Keep the columns that matter, and leave columns of long texts out.',
    cause,
  });
}

function unreadable(message: string, value: string, fix: string, cause: unknown): LockstepError {
  return new LockstepError('DATA_UNREADABLE', { message, field: 'data.path', value, fix, cause });
}

const capital = (text: string): string => (text.startsWith('line ') ? `L${text.slice(1)}` : text);
