/** The cells of a block of CSV: which are missing, which are the empty text, which are numbers. */
import type { TableChunk } from '../table-source.js';
import { classifyCell } from './cell-kind.js';
import { CellForm, type CsvBlock } from './csv-scanner.js';
import { plainDecimal } from './decimal.js';

const BLANK = 0x20;
const ASCII_END = 0x80;

/** Spellings of a missing value. */
export class NullSpellings {
  readonly #texts: ReadonlySet<string>;
  /** Those that are numbers, such as -999. */
  readonly #numbers: ReadonlySet<number>;

  constructor(spellings: readonly string[]) {
    this.#texts = new Set(spellings.map((text) => text.trim()));
    this.#numbers = new Set(spellings.filter((text) => classifyCell(text) === 'number').map(Number));
  }

  /** Whether an unquoted cell is missing: nothing but blanks, or a spelling with blanks around. */
  has(text: string): boolean {
    const trimmed = text.trim();
    return trimmed === '' || this.#texts.has(trimmed);
  }

  hasNumber(value: number): boolean {
    return this.#numbers.size > 0 && this.#numbers.has(value);
  }
}

/** One block as a chunk of a table. */
export class CsvChunk implements TableChunk {
  readonly #block: CsvBlock;
  /** Place in the record of each column of the table. */
  readonly #places: readonly number[];
  readonly #nulls: NullSpellings;
  /** Strings of a block that is plain ASCII are made faster. */
  readonly #encoding: 'latin1' | 'utf8';

  constructor(block: CsvBlock, places: readonly number[], nulls: NullSpellings, isAscii: boolean) {
    this.#block = block;
    this.#places = places;
    this.#nulls = nulls;
    this.#encoding = isAscii ? 'latin1' : 'utf8';
  }

  get rowCount(): number {
    return this.#block.rowCount;
  }

  /** Whether any cell stands in quotes. */
  get hasQuotes(): boolean {
    return this.#block.forms.some((form) => form !== CellForm.plain);
  }

  text(column: number, row: number): string | null {
    const { width, starts, ends, forms, bytes } = this.#block;
    const cell = row * width + this.#places[column]!;
    const start = starts[cell]!;
    const end = ends[cell]!;
    if (forms[cell] === CellForm.plain) {
      if (start === end) return null;
      const text = bytes.toString(this.#encoding, start, end);
      return this.#nulls.has(text) ? null : text;
    }
    const inner = bytes.toString(this.#encoding, start, end);
    const text = forms[cell] === CellForm.escaped ? inner.replaceAll('""', '"') : inner;
    return isBlank(text) ? '' : text;
  }

  /** Whether a cell in quotes holds blanks and nothing else: these are left away. */
  isBlankText(column: number, row: number): boolean {
    const { width, starts, ends, forms, bytes } = this.#block;
    const cell = row * width + this.#places[column]!;
    const start = starts[cell]!;
    return (
      forms[cell] !== CellForm.plain && start !== ends[cell] && mayBlank(bytes[start]!) && this.text(column, row) === ''
    );
  }

  numbers(column: number): Float64Array {
    const { rowCount, width, starts, ends, forms, bytes } = this.#block;
    const values = new Float64Array(rowCount);
    let cell = this.#places[column]!;
    for (let row = 0; row < rowCount; row++, cell += width) {
      const value = forms[cell] === CellForm.escaped ? Number.NaN : plainDecimal(bytes, starts[cell]!, ends[cell]!);
      values[row] = this.#nulls.hasNumber(value) && this.text(column, row) === null ? Number.NaN : value;
    }
    return values;
  }
}

function isBlank(text: string): boolean {
  if (text === '') return true;
  return mayBlank(text.charCodeAt(0)) && text.trim() === '';
}

/** Whether a text of blanks can begin so; other alphabets have blanks too. */
function mayBlank(first: number): boolean {
  return first <= BLANK || first >= ASCII_END;
}
