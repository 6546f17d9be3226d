/** Decides a column's type from the counts of its cells. */
import { LockstepError } from '@lockstep/protocol/core';
import { FALSE_SPELLINGS, TRUE_SPELLINGS } from './boolean.js';
import { type CellFormat, type ColumnType, cellReader } from './cell-format.js';
import { type CellKind, classifyCell } from './cell-kind.js';
import type { CellSample, ColumnScan, LineOf } from './column-scan.js';
import { DATE_ORDERS, type DateFormat, dateReader, ISO_PATTERN, isoDay, patternOf } from './date.js';
import { NUMBER_FORMATS, type NumberFormat, PLAIN_NUMBERS, parseNumber } from './number.js';

/** Characters of a cell that a message shows. */
const SHOWN_CHARACTERS = 80;

/** What a spec says about types. */
export interface TypeOptions {
  /** Type that the spec names for the column. */
  readonly declared?: ColumnType | undefined;
  readonly numbers?: NumberFormat;
  /** The format of a column that the spec says holds dates. */
  readonly dates?: DateFormat | undefined;
  /** Whether rows with a cell that the type cannot hold are left out, where at least half of the cells fit. */
  readonly skipsBadRows?: boolean;
  readonly lineOf: LineOf;
}

/**
 * The type of a column: numbers where every cell is one, booleans where every cell is a spelling of one and not all
 * are 0 and 1. Leading zeros make a column text, as article numbers and postcodes need; other cells that are no
 * numbers do so only where they are the majority.
 * @throws LockstepError DATA_VALUE naming the first cell that the type cannot hold
 */
export function decideType(
  scan: ColumnScan,
  { declared, numbers = PLAIN_NUMBERS, dates, skipsBadRows = false, lineOf }: TypeOptions,
): ColumnType {
  if (declared === 'text') return 'text';
  const mayFit = (count: number): boolean => skipsBadRows && count >= scan.valueCount / 2;
  if (dates || (!declared && isDate(scan))) {
    if (!mayFit(scan.counts.date)) checkDates(scan, dates?.pattern ?? ISO_PATTERN, lineOf);
    return 'date';
  }
  if (declared === 'boolean' || (!declared && isBoolean(scan))) {
    if (scan.firstNoBoolean && !mayFit(scan.counts.boolean + scan.bitCount))
      throw noBoolean(scan.name, scan.firstNoBoolean, lineOf);
    return 'boolean';
  }
  const { counts, first, valueCount } = scan;
  const words = counts.text + counts.boolean + counts.date + counts.otherDate;
  const isNumeric = declared === 'number' || (valueCount - words >= valueCount / 2 && counts.code === 0);
  if (!isNumeric) return 'text';
  if (mayFit(counts.number + counts.code)) return 'number';
  for (const kind of ['infinite', 'tooLarge', 'inexact', 'separators', ...NO_NUMBERS] as const) {
    const sample = first[kind];
    if (!sample) continue;
    throw kind === 'separators'
      ? separatorsError(scan, sample, numbers, lineOf)
      : noNumber(scan.name, kind, sample, lineOf);
  }
  return 'number';
}

function isDate({ counts, valueCount }: ColumnScan): boolean {
  const dates = counts.date + counts.otherDate;
  return dates > 0 && dates >= valueCount / 2;
}

/** Refuses a column of dates with a cell that is none in its format. @throws LockstepError DATA_VALUE */
function checkDates(scan: ColumnScan, pattern: string, lineOf: LineOf): void {
  const { first, name } = scan;
  if (pattern === ISO_PATTERN && first.otherDate) throw otherDateError(scan, first.otherDate, lineOf);
  const { date: _fits, ...others } = first;
  const wrong = Object.values(others).sort((a, b) => a.row - b.row)[0];
  if (wrong) throw noDate(name, pattern, wrong, lineOf);
}

/** Says which formats would read the column, and what its first date would be. */
function otherDateError(scan: ColumnScan, sample: CellSample, lineOf: LineOf): LockstepError {
  const patterns = DATE_ORDERS.flatMap((order, at) => (scan.orders & (1 << at) ? [patternOf(sample.text, order)] : []));
  const read = (pattern: string): string => isoDay(dateReader({ pattern, timeZone: 'UTC' })(sample.text));
  const text = `data.types: {${scan.name}: text}`;
  const keys = patterns.map((pattern) => `data.dateFormats: {${scan.name}: ${JSON.stringify(pattern)}}`);
  if (patterns.length === 0) {
    const what = 'looks like a date, but no one format reads the whole column';
    return cellError(scan.name, sample, lineOf, what, `Write the dates in one format, or set ${text}.`);
  }
  const what =
    patterns.length === 1
      ? 'looks like a date, but without a format only ISO 8601 (2024-01-31) is read'
      : `can be read as ${patterns.map(read).join(' and as ')}`;
  return cellError(scan.name, sample, lineOf, what, `Set ${keys.join(' or ')}; or set ${text}.`);
}

function noDate(column: string, pattern: string, sample: CellSample, lineOf: LineOf): LockstepError {
  const form = pattern === ISO_PATTERN ? 'a date of ISO 8601' : `a date in the format ${pattern}`;
  const fix = `Mend the cell, list its spelling in data.nulls, or set data.types: {${column}: text}.`;
  return cellError(column, sample, lineOf, `is not ${form}, as the column's others are`, fix);
}

function isBoolean({ counts, bitCount, valueCount }: ColumnScan): boolean {
  return counts.boolean > 0 && counts.boolean + bitCount === valueCount;
}

/** Kinds that are no numbers at all. */
const NO_NUMBERS = ['boolean', 'date', 'otherDate', 'text'] as const;
const NO_NUMBER = {
  what: 'is not a number, but most of the column is',
  fix: 'Mend the cell, list its spelling in data.nulls, or set data.types: {{column}: text}.',
};

/** What is wrong with a cell of a numeric column, by its kind. */
const PROBLEMS: Readonly<Record<Exclude<CellKind, 'number' | 'code' | 'separators'>, { what: string; fix: string }>> = {
  infinite: { what: 'is not a finite number', fix: 'Mend the cell, or list its spelling in data.nulls.' },
  tooLarge: { what: 'is beyond the range of float64', fix: 'Mend the cell, or list its spelling in data.nulls.' },
  inexact: {
    what: 'is a whole number beyond 2^53, which float64 cannot hold exactly',
    fix: 'Add {column} to data.ignore if it is an id, or set data.types: {{column}: text}.',
  },
  boolean: NO_NUMBER,
  date: NO_NUMBER,
  otherDate: NO_NUMBER,
  text: NO_NUMBER,
};

/** The error for a cell of a table that does not fit a column of a model. */
export function unreadableCell(column: string, format: CellFormat, sample: CellSample, lineOf: LineOf): LockstepError {
  if (format.type === 'boolean') return noBoolean(column, sample, lineOf);
  if (format.type === 'date') return noDate(column, format.pattern, sample, lineOf);
  const kind = classifyCell(sample.text, format);
  if (kind !== 'separators') {
    return noNumber(column, kind === 'number' || kind === 'code' ? 'text' : kind, sample, lineOf);
  }
  const signs = [
    `decimal ${JSON.stringify(format.decimal)}`,
    format.thousands && `thousands ${JSON.stringify(format.thousands)}`,
  ];
  return cellError(
    column,
    sample,
    lineOf,
    `is no number as the model's training data writes them (${signs.filter(Boolean).join(', ')})`,
    'Write the numbers as the training data does.',
  );
}

/** What is wrong with a cell that does not fit its column, in one word and in a message. */
export function badCell(format: CellFormat, text: string): { readonly kind: string; readonly what: string } {
  if (format.type === 'boolean') return { kind: 'notABoolean', what: 'is not a boolean' };
  if (format.type === 'date') return { kind: 'notADate', what: `is not a date in the format ${format.pattern}` };
  const kind = classifyCell(text, format);
  if (kind === 'separators') return { kind, what: 'is not a number in the way that the column is written' };
  if (kind === 'infinite' || kind === 'tooLarge' || kind === 'inexact') return { kind, what: PROBLEMS[kind].what };
  return { kind: 'notANumber', what: 'is not a number' };
}

/** Says of a cell whether it is a value that a column of this format can hold. */
export function formatCheck(format: CellFormat): (cell: string) => boolean {
  if (format.type !== 'number') {
    const read = cellReader(format);
    return (cell) => !Number.isNaN(read(cell));
  }
  return (cell) => {
    const kind = classifyCell(cell, format);
    return kind === 'number' || kind === 'code';
  };
}

function noNumber(column: string, kind: keyof typeof PROBLEMS, sample: CellSample, lineOf: LineOf): LockstepError {
  const { what, fix } = PROBLEMS[kind];
  return cellError(column, sample, lineOf, what, fix.replaceAll('{column}', column));
}

function noBoolean(column: string, sample: CellSample, lineOf: LineOf): LockstepError {
  const spellings = `${TRUE_SPELLINGS.join(', ')} for true and ${FALSE_SPELLINGS.join(', ')} for false, in any case`;
  return cellError(
    column,
    sample,
    lineOf,
    `is not a boolean: these are ${spellings}`,
    `Use one of these spellings, or leave the cell empty.`,
  );
}

/** Says which keys would read the column, and what the cell would be then. */
function separatorsError(scan: ColumnScan, sample: CellSample, numbers: NumberFormat, lineOf: LineOf): LockstepError {
  const fitting = NUMBER_FORMATS.filter((_, at) => (scan.formats & (1 << at)) !== 0);
  const [first, second] = fitting;
  const text = `data.types: {${scan.name}: text}`;
  if (!first) {
    return cellError(
      scan.name,
      sample,
      lineOf,
      'looks like a number with separators, but no one way of writing numbers reads the whole column',
      `Write the numbers in one way and name it with data.decimal and data.thousands, or set ${text}.`,
    );
  }
  const reading = (format: NumberFormat): string =>
    `${keysOf(format, numbers)} (${JSON.stringify(sample.text)} is ${parseNumber(sample.text, format)} then)`;
  if (second && parseNumber(sample.text, first) !== parseNumber(sample.text, second)) {
    return cellError(
      scan.name,
      sample,
      lineOf,
      `can be read as ${parseNumber(sample.text, first)} and as ${parseNumber(sample.text, second)}`,
      `Set ${reading(first)}, or ${reading(second)}, or ${text}.`,
    );
  }
  const what = first.decimal === ',' ? 'decimal-comma numbers' : 'numbers with signs between thousands';
  return cellError(
    scan.name,
    sample,
    lineOf,
    `is no number, but the column looks like ${what}`,
    `Set ${reading(first)}; or set ${text}.`,
  );
}

/** The keys of a spec in which a format differs from another. */
function keysOf(format: NumberFormat, from: NumberFormat): string {
  const keys = [
    ...(format.decimal === from.decimal ? [] : [`data.decimal: "${format.decimal}"`]),
    ...(format.thousands === from.thousands ? [] : [`data.thousands: "${format.thousands}"`]),
  ];
  return keys.join(' and ');
}

function cellError(column: string, sample: CellSample, lineOf: LineOf, what: string, fix: string): LockstepError {
  const { text } = sample;
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  return new LockstepError('DATA_VALUE', {
    message: `Column ${column}, ${placeOf(sample.row, lineOf)}: ${JSON.stringify(shown)} ${what}.`,
    field: column,
    value: shown,
    fix,
  });
}

/** A row as messages name it: by number and by its place in the file. */
export function placeOf(row: number, lineOf: LineOf): string {
  return `row ${row + 1} (${lineOf(row)})`;
}
