/** Decides a column's type from the counts of its cells. */
import { type ErrorContext, LockstepError } from '@lockstep/protocol/core';
import { FALSE_SPELLINGS, TRUE_SPELLINGS } from './boolean.js';
import type { ColumnType } from './cell-format.js';
import type { CellKind } from './cell-kind.js';
import type { CellSample, ColumnScan, LineOf } from './column-scan.js';
import { DATE_ORDERS, type DateFormat, dateReader, ISO_PATTERN, isoDay, patternOf } from './date.js';
import { NUMBER_FORMATS, type NumberFormat, PLAIN_NUMBERS, parseNumber } from './number.js';

/** Characters of a cell that a message shows. */
const SHOWN_CHARACTERS = 80;

/** A cell that keeps its column from having a type. */
export class ColumnTypeError extends LockstepError {
  readonly #settings: object | null;

  constructor(context: ErrorContext, settings: object | null) {
    super('DATA_VALUE', context);
    this.#settings = settings;
  }

  /** The part of a spec that mends it, as in `{ data: { decimal: ',' } }`; null where none is sure to be right. */
  get settings(): object | null {
    return this.#settings;
  }
}

/** What a spec says about types. */
export interface TypeOptions {
  /** Type that the spec names for the column. */
  readonly declared?: ColumnType | undefined;
  readonly numbers?: NumberFormat;
  /** The format of a column that the spec says holds dates. */
  readonly dates?: DateFormat | undefined;
  readonly lineOf: LineOf;
}

/** A type, and what speaks against it. */
export interface DecidedType {
  readonly type: ColumnType;
  /** The error for the first cell that the type cannot hold; null where there is none. */
  readonly problem: LockstepError | null;
  /** Whether at least half of the cells fit, so that the others are single bad ones. */
  readonly mostlyFits: boolean;
}

/**
 * The type of a column: numbers where every cell is one, booleans where every cell is a spelling of one and not all
 * are 0 and 1. Leading zeros make a column text, as article numbers and postcodes need; other cells that are no
 * numbers do so only where they are the majority.
 */
export function decideType(
  scan: ColumnScan,
  { declared, numbers = PLAIN_NUMBERS, dates, lineOf }: TypeOptions,
): DecidedType {
  const { counts, valueCount } = scan;
  const decided = (type: ColumnType, fitting: number, problem: LockstepError | null): DecidedType => ({
    ...{ type, problem, mostlyFits: fitting >= valueCount / 2 },
  });
  if (declared === 'text') return decided('text', valueCount, null);
  if (dates || (!declared && isDate(scan))) {
    return decided('date', counts.date, dateProblem(scan, dates?.pattern ?? ISO_PATTERN, lineOf));
  }
  if (declared === 'boolean' || (!declared && isBoolean(scan))) {
    const { firstNoBoolean } = scan;
    const problem = firstNoBoolean ? noBoolean(scan.name, firstNoBoolean, lineOf) : null;
    return decided('boolean', counts.boolean + scan.bitCount, problem);
  }
  const words = counts.text + counts.boolean + counts.date + counts.otherDate;
  const isNumeric = declared === 'number' || (valueCount - words >= valueCount / 2 && counts.code === 0);
  if (!isNumeric) return decided('text', valueCount, null);
  return decided('number', counts.number + counts.code, numberProblem(scan, numbers, lineOf));
}

function numberProblem(scan: ColumnScan, numbers: NumberFormat, lineOf: LineOf): LockstepError | null {
  for (const kind of ['infinite', 'tooLarge', 'inexact', 'separators', ...NO_NUMBERS] as const) {
    const sample = scan.first[kind];
    if (!sample) continue;
    return kind === 'separators'
      ? separatorsError(scan, sample, numbers, lineOf)
      : noNumber(scan.name, kind, sample, lineOf);
  }
  return null;
}

function isDate({ counts, valueCount }: ColumnScan): boolean {
  const dates = counts.date + counts.otherDate;
  return dates > 0 && dates >= valueCount / 2;
}

/** The error for a cell of a column of dates that is none in its format. */
function dateProblem(scan: ColumnScan, pattern: string, lineOf: LineOf): LockstepError | null {
  const { first, name } = scan;
  if (pattern === ISO_PATTERN && first.otherDate) return otherDateError(scan, first.otherDate, lineOf);
  const { date: _fits, ...others } = first;
  const wrong = Object.values(others).sort((a, b) => a.row - b.row)[0];
  return wrong ? noDate(name, pattern, wrong, lineOf) : null;
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
  const [pattern, another] = patterns;
  const settings = another ? null : { data: { dateFormats: { [scan.name]: pattern } } };
  return cellError(scan.name, sample, lineOf, what, `Set ${keys.join(' or ')}; or set ${text}.`, settings);
}

function dateForm(pattern: string): string {
  return pattern === ISO_PATTERN ? 'a date of ISO 8601' : `a date in the format ${pattern}`;
}

function noDate(column: string, pattern: string, sample: CellSample, lineOf: LineOf): LockstepError {
  const fix = `Mend the cell, list its spelling in data.nulls, or set data.types: {${column}: text}.`;
  return cellError(column, sample, lineOf, `is not ${dateForm(pattern)}, as the column's others are`, fix);
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
export const NUMBER_FAULTS: Readonly<
  Record<Exclude<CellKind, 'number' | 'code' | 'separators'>, { what: string; fix: string }>
> = {
  infinite: { what: 'is not a finite number', fix: 'Mend the cell, or list its spelling in data.nulls.' },
  tooLarge: { what: 'is beyond the range of float64', fix: 'Mend the cell, or list its spelling in data.nulls.' },
  inexact: {
    what: 'is written in digits beyond 2^53, which float64 cannot hold exactly',
    fix: 'Add {column} to data.ignore if it is an id, or set data.types: {{column}: text}.',
  },
  boolean: NO_NUMBER,
  date: NO_NUMBER,
  otherDate: NO_NUMBER,
  text: NO_NUMBER,
};

function noNumber(
  column: string,
  kind: keyof typeof NUMBER_FAULTS,
  sample: CellSample,
  lineOf: LineOf,
): ColumnTypeError {
  const { what, fix } = NUMBER_FAULTS[kind];
  const settings = kind === 'inexact' ? { data: { ignore: [column] } } : null;
  return cellError(column, sample, lineOf, what, fix.replaceAll('{column}', column), settings);
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
    { data: changedKeys(first, numbers) },
  );
}

/** The keys in which a format differs from another. */
function changedKeys(format: NumberFormat, from: NumberFormat): Partial<NumberFormat> {
  return {
    ...(format.decimal === from.decimal ? {} : { decimal: format.decimal }),
    ...(format.thousands === from.thousands ? {} : { thousands: format.thousands }),
  };
}

/** These keys as a spec writes them, in words. */
export function keysOf(format: NumberFormat, from: NumberFormat): string {
  const keys = Object.entries(changedKeys(format, from)).map(([key, sign]) => `data.${key}: "${sign}"`);
  return keys.join(' and ');
}

function cellError(
  column: string,
  sample: CellSample,
  lineOf: LineOf,
  what: string,
  fix: string,
  settings: object | null = null,
): ColumnTypeError {
  const { text } = sample;
  const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
  const message = `Column ${column}, ${placeOf(sample.row, lineOf)}: ${JSON.stringify(shown)} ${what}.`;
  return new ColumnTypeError({ message, field: column, value: shown, fix }, settings);
}

/** A row as messages name it: by number and by its place in the file. */
export function placeOf(row: number, lineOf: LineOf): string {
  return `row ${row + 1} (${lineOf(row)})`;
}
