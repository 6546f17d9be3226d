/** What one column of a file holds, counted over every cell and never over a sample. */
import { MAX_COUNTED_CATEGORIES } from '../limits.js';
import type { CodedColumn, TableChunk } from '../table-source.js';
import { CELL_KINDS, type CellKind, classifyCell } from './cell-kind.js';
import { type DateFormat, dateReader, ordersOf } from './date.js';
import { formatsOf, type NumberFormat, PLAIN_NUMBERS } from './number.js';

/** Rows with a missing cell that a message names. */
const NAMED_ROWS = 5;

/** A cell that stands out, with its 0-based row. */
export interface CellSample {
  readonly row: number;
  readonly text: string;
}

/** Where a 0-based row stands in its file, for example `line 3` or `line 3 of more.csv`. */
export type LineOf = (row: number) => string;

/** How the cells of a column are looked at. */
export interface ScanOptions {
  readonly numbers?: NumberFormat;
  /** The format of a column that the spec says holds dates. */
  readonly dates?: DateFormat | undefined;
  /** Counts all distinct values; else only those that are no numbers. @default false */
  readonly isText?: boolean;
}

/** Counts of one column over the whole file. */
export class ColumnScan {
  readonly name: string;
  nullCount = 0;
  /** First rows with a missing cell. */
  readonly nullRows: number[] = [];
  valueCount = 0;
  readonly counts = Object.fromEntries(CELL_KINDS.map((kind) => [kind, 0])) as Record<CellKind, number>;
  readonly first: Partial<Record<CellKind, CellSample>> = {};
  /** Cells that are the number 0 or 1, which may stand for false and true. */
  bitCount = 0;
  /** First cell that is no spelling of a boolean. */
  firstNoBoolean: CellSample | undefined;
  /** Formats that every cell with other separators is a number in, as bits of `NUMBER_FORMATS`. */
  formats = ~0;
  /** Orders that every date outside ISO 8601 can be read in, as bits of `DATE_ORDERS`. */
  orders = ~0;
  readonly #classify: (text: string, isNative: boolean) => CellKind;
  readonly #isText: boolean;
  /** Whether numbers are written as programs do, so that a chunk reads them without making texts. */
  readonly #isPlain: boolean;
  readonly #distinct = new Set<string>();

  constructor(name: string, { numbers = PLAIN_NUMBERS, dates, isText = false }: ScanOptions = {}) {
    this.name = name;
    const readDate = dates && dateReader(dates);
    this.#classify = readDate
      ? (text) => (Number.isNaN(readDate(text)) ? 'text' : 'date')
      : (text, isNative) => classifyCell(text, isNative ? PLAIN_NUMBERS : numbers);
    this.#isText = isText;
    this.#isPlain = !isText && !dates && numbers.decimal === '.' && numbers.thousands === '';
  }

  /** Distinct values met, at most one more than are counted; numbers are left out but for a column that is text. */
  get distinctCount(): number {
    return this.#distinct.size;
  }

  /** Takes a column of a chunk. */
  addColumn(chunk: TableChunk, column: number, firstRow: number): void {
    // Where most cells so far were texts or bits, each of them has to be looked at.
    if (!this.#isPlain || this.counts.number - this.bitCount < this.valueCount / 2) {
      this.addCoded(chunk.coded(column), firstRow);
      return;
    }
    const numbers = chunk.numbers(column);
    for (let row = 0; row < numbers.length; row++) {
      const value = numbers[row]!;
      if (Number.isNaN(value) || value === 0 || value === 1 || !this.first.number || !this.firstNoBoolean) {
        this.add(chunk.text(column, row), firstRow + row, chunk.isNative(column, row));
      } else {
        // One more number that stands for no boolean: all that is to be known of it.
        this.valueCount++;
        this.counts.number++;
      }
    }
  }

  /** Takes the texts of some rows. */
  addCoded({ cells, codes, natives }: CodedColumn, firstRow: number): void {
    const counts = new Uint32Array(cells.length);
    const firsts = new Uint32Array(cells.length);
    for (let row = 0; row < codes.length; row++) {
      const code = codes[row]!;
      if (cells[code] === null) this.add(null, firstRow + row);
      else if (counts[code]!++ === 0) firsts[code] = firstRow + row;
    }
    cells.forEach((cell, code) => {
      if (cell !== null) this.#addAlike(cell, firsts[code]!, counts[code]!, natives?.[code] === 1);
    });
  }

  /** Takes one cell; null is a missing value. @param isNative as of `TableChunk.isNative` @default false */
  add(text: string | null, row: number, isNative = false): void {
    if (text !== null) this.#addAlike(text, row, 1, isNative);
    else if (this.nullCount++ < NAMED_ROWS) this.nullRows.push(row);
  }

  /** Takes cells of the same text. The empty one says nothing of the type: among numbers it is missing. */
  #addAlike(text: string, row: number, count: number, isNative: boolean): void {
    if (text === '') return;
    const kind = this.#classify(text, isNative);
    this.valueCount += count;
    this.counts[kind] += count;
    this.first[kind] ??= { row, text };
    if (kind === 'number' && isBit(text)) this.bitCount += count;
    else if (kind !== 'boolean') this.firstNoBoolean ??= { row, text };
    if (kind === 'separators') this.formats &= formatsOf(text);
    if (kind === 'otherDate') this.orders &= ordersOf(text);
    if ((kind !== 'number' || this.#isText) && this.#distinct.size <= MAX_COUNTED_CATEGORIES) this.#distinct.add(text);
  }
}

function isBit(cell: string): boolean {
  const text = cell.length === 1 ? cell : cell.trim();
  return text === '0' || text === '1';
}
