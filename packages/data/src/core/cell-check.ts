/** Finds the cells of a chunk that their columns cannot hold. */
import type { TableChunk } from '../table-source.js';
import { FALSE_SPELLINGS, TRUE_SPELLINGS } from './boolean.js';
import { type CellFormat, cellReader, rawName } from './cell-format.js';
import { classifyCell } from './cell-kind.js';
import { keysOf, NUMBER_FAULTS } from './column-type.js';
import { columnNumbers, plainNumbers } from './column-values.js';
import { NUMBER_FORMATS, type NumberFormat, PLAIN_NUMBERS, parseNumber } from './number.js';
import { weightFault } from './weights.js';

/** What is wrong with a cell. */
export interface CellFault {
  /** In one word that stays the same, for example `notANumber`. */
  readonly kind: string;
  /** As a message says it after the place. */
  readonly what: string;
}

/** A column whose cells are checked. */
export interface CellCheck {
  /** Its name in the table. */
  readonly column: string;
  /** Position in the table. */
  readonly index: number;
  /** Rows of a chunk whose cell cannot be used. */
  badRows(chunk: TableChunk): readonly number[];
  /** What is wrong with the cell of such a row. */
  faultOf(chunk: TableChunk, row: number): CellFault;
}

/** A bad cell: its row in the chunk, and the column. */
export interface BadCell {
  readonly row: number;
  readonly check: CellCheck;
}

/** Checks that the cells of a column fit its format. */
export function formatCheck(column: {
  readonly name: string;
  readonly index: number;
  readonly format: CellFormat;
}): CellCheck {
  const { index, format } = column;
  const fits = fitsFormat(format);
  const zeroOrBad = (cell: string, isNative: boolean): number => (fits(cell, isNative) ? 0 : Number.POSITIVE_INFINITY);
  return {
    ...{ column: rawName({ ...column, type: 'number' }), index },
    badRows: (chunk) => {
      const rows: number[] = [];
      columnNumbers(chunk, column, zeroOrBad).forEach((value, row) => {
        if (value === Number.POSITIVE_INFINITY) rows.push(row);
      });
      return rows;
    },
    faultOf: (chunk, row) => faultOfCell(format, chunk.text(index, row) ?? '', chunk.isNative(index, row)),
  };
}

/** Checks that the cells of a column are weights. */
export function weightCheck(column: string, index: number, numbers: NumberFormat): CellCheck {
  return {
    ...{ column, index },
    badRows: (chunk) => {
      const rows: number[] = [];
      plainNumbers(chunk, index, numbers).forEach((weight, row) => {
        if (weightFault(chunk.text(index, row), weight)) rows.push(row);
      });
      return rows;
    },
    faultOf: (chunk, row) => weightFault(chunk.text(index, row), plainNumbers(chunk, index, numbers)[row]!)!,
  };
}

/** The bad cells of a chunk, row by row, those of a row in the order of the checks. */
export function badCells(chunk: TableChunk, checks: readonly CellCheck[]): readonly BadCell[] {
  return checks
    .flatMap((check) => check.badRows(chunk).map((row): BadCell => ({ row, check })))
    .sort((a, b) => a.row - b.row);
}

function fitsFormat(format: CellFormat): (cell: string, isNative: boolean) => boolean {
  if (format.type !== 'number') {
    const read = cellReader(format);
    return (cell, isNative) => !Number.isNaN(read(cell, isNative));
  }
  return (cell, isNative) => {
    const kind = classifyCell(cell, isNative ? PLAIN_NUMBERS : format);
    return kind === 'number' || kind === 'code';
  };
}

function faultOfCell(format: CellFormat, text: string, isNative: boolean): CellFault {
  if (format.type === 'boolean') {
    const spellings = `${TRUE_SPELLINGS.join(', ')} for true and ${FALSE_SPELLINGS.join(', ')} for false, in any case`;
    return { kind: 'notABoolean', what: `is not a boolean (${spellings})` };
  }
  if (format.type === 'date') return { kind: 'notADate', what: `is not a date in the format ${format.pattern}` };
  const kind = classifyCell(text, isNative ? PLAIN_NUMBERS : format);
  if (kind === 'separators')
    return {
      kind,
      what: `is not a number as the column writes them (${signsOf(format)}); it ${readings(text, format)}`,
    };
  if (kind === 'infinite' || kind === 'tooLarge' || kind === 'inexact') return { kind, what: NUMBER_FAULTS[kind].what };
  return { kind: 'notANumber', what: 'is not a number' };
}

/** What a text would be that is written as a number in other ways, one for each value. */
function readings(text: string, format: NumberFormat): string {
  const known = new Map<number, NumberFormat>();
  for (const other of NUMBER_FORMATS) {
    const value = parseNumber(text, other);
    if (!Number.isNaN(value) && !known.has(value)) known.set(value, other);
  }
  return [...known].map(([value, other]) => `is ${value} with ${keysOf(other, format)}`).join(' and ');
}

function signsOf({ decimal, thousands }: NumberFormat): string {
  return [`decimal "${decimal}"`, ...(thousands === '' ? [] : [`thousands "${thousands}"`])].join(', ');
}
