/** Decides a column's type from every cell of the file, never from a sample. */
import { LockstepError } from '@lockstep/protocol/core';
import { type CellKind, classifyCell } from './number.js';

/** Rows with a missing cell that a message names. */
const NAMED_ROWS = 5;
/** Characters of a cell that a message shows. */
const SHOWN_CHARACTERS = 80;

/** A cell that stands out, with its 0-based row. */
export interface CellSample {
  readonly row: number;
  readonly text: string;
}

/** Where a 0-based row stands in its file, for example `line 3` or `line 3 of more.csv`. */
export type LineOf = (row: number) => string;

/** Counts of one column over the whole file. */
export class ColumnScan {
  readonly name: string;
  nullCount = 0;
  /** First rows with a missing cell. */
  readonly nullRows: number[] = [];
  valueCount = 0;
  readonly counts: Record<CellKind, number> = {
    number: 0,
    code: 0,
    infinite: 0,
    tooLarge: 0,
    inexact: 0,
    comma: 0,
    text: 0,
  };
  readonly first: Partial<Record<CellKind, CellSample>> = {};

  constructor(name: string) {
    this.name = name;
  }

  /** Takes one cell; null is a missing value. The empty text says nothing of the type: among numbers it is missing. */
  add(text: string | null, row: number): void {
    if (text === null) {
      if (this.nullCount++ < NAMED_ROWS) this.nullRows.push(row);
      return;
    }
    if (text === '') return;
    const kind = classifyCell(text);
    this.valueCount++;
    this.counts[kind]++;
    this.first[kind] ??= { row, text };
  }
}

/**
 * The type of a column: numbers where every cell is one. Leading zeros make a column text, as article numbers and
 * postcodes need; other cells that are no numbers do so only where they are the majority.
 * @throws LockstepError DATA_VALUE naming the first cell that is not a usable number, where at least half are numbers
 */
export function decideType(
  scan: ColumnScan,
  declared: 'number' | 'text' | undefined,
  lineOf: LineOf,
): 'number' | 'text' {
  if (declared === 'text') return 'text';
  const { counts, first, valueCount } = scan;
  const isNumeric = declared === 'number' || (valueCount - counts.text >= valueCount / 2 && counts.code === 0);
  if (!isNumeric) return 'text';
  for (const kind of ['infinite', 'tooLarge', 'inexact', 'comma', 'text'] as const) {
    const sample = first[kind];
    if (sample) throw unusableCell(scan.name, kind, sample, lineOf);
  }
  return 'number';
}

/** What is wrong with a cell of a numeric column, by its kind. */
const PROBLEMS: Readonly<Record<Exclude<CellKind, 'number' | 'code'>, { what: string; fix: string }>> = {
  infinite: { what: 'is not a finite number', fix: 'Mend the cell, or list its spelling in data.nulls.' },
  tooLarge: { what: 'is beyond the range of float64', fix: 'Mend the cell, or list its spelling in data.nulls.' },
  inexact: {
    what: 'is a whole number beyond 2^53, which float64 cannot hold exactly',
    fix: 'Add {column} to data.ignore if it is an id, or set data.types: {{column}: text}.',
  },
  comma: {
    what: 'looks like a number with a comma',
    fix: 'Write numbers with a decimal point and nothing between thousands, or set data.types: {{column}: text}.',
  },
  text: {
    what: 'is not a number, but most of the column is',
    fix: 'Mend the cell, list its spelling in data.nulls, or set data.types: {{column}: text}.',
  },
};

/** The error for a cell that a numeric column cannot hold. */
export function unusableCell(
  column: string,
  kind: keyof typeof PROBLEMS,
  sample: CellSample,
  lineOf: LineOf,
): LockstepError {
  const { what, fix } = PROBLEMS[kind];
  const { text } = sample;
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  return new LockstepError('DATA_VALUE', {
    message: `Column ${column}, ${placeOf(sample.row, lineOf)}: ${JSON.stringify(shown)} ${what}.`,
    field: column,
    value: shown,
    fix: fix.replaceAll('{column}', column),
  });
}

/** A row as messages name it: by number and by its place in the file. */
export function placeOf(row: number, lineOf: LineOf): string {
  return `row ${row + 1} (${lineOf(row)})`;
}
