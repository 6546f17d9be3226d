/** The cells of a block of CSV: which are missing, which are the empty text, which are numbers. */
import type { CodedColumn, TableChunk } from '../table-source.js';
import { classifyCell } from './cell-kind.js';
import { CellForm, type CsvBlock } from './csv-scanner.js';
import { plainDecimal } from './decimal.js';

const BLANK = 0x20;
const ASCII_END = 0x80;
/** Of the hash by Fowler, Noll and Vo. */
const HASH_FACTOR = 16_777_619;
/** Places that a cell is looked for at, so that no table makes the search long. */
const PROBES = 8;

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

  /** Numbers among the spellings, such as -999. */
  get numbers(): ReadonlySet<number> {
    return this.#numbers;
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
  readonly #numbers: Float64Array[] = [];
  readonly #coded: CodedColumn[] = [];

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
    return this.#block.hasQuotes;
  }

  text(column: number, row: number): string | null {
    return this.#text(row * this.#block.width + this.#places[column]!);
  }

  coded(column: number): CodedColumn {
    this.#coded[column] ??= this.#code(this.#places[column]!);
    return this.#coded[column];
  }

  /** Finds cells of the same bytes by a table of hashes. */
  #code(place: number): CodedColumn {
    const { rowCount, width, starts, ends, forms, bytes } = this.#block;
    const mask = 2 ** Math.ceil(Math.log2(2 * rowCount + 1)) - 1;
    // Code of the cell that a hash leads to, plus one.
    const slots = new Int32Array(mask + 1);
    // The cell that each code was given to first.
    const firsts = new Int32Array(rowCount);
    const codes = new Uint32Array(rowCount);
    const cells: (string | null)[] = [];
    const natives = new Uint8Array(rowCount);
    for (let row = 0, cell = place; row < rowCount; row++, cell += width) {
      const start = starts[cell]!;
      const end = ends[cell]!;
      const form = forms[cell]!;
      let hash = form;
      for (let at = start; at < end; at++) hash = Math.imul(hash, HASH_FACTOR) ^ bytes[at]!;
      hash ^= hash >>> 15;
      let code = -1;
      for (let probe = 0; probe < PROBES; probe++) {
        const slot = (hash + probe) & mask;
        const found = slots[slot]! - 1;
        if (found < 0) {
          slots[slot] = cells.length + 1;
          break;
        }
        const first = firsts[found]!;
        if (forms[first] === form && sameBytes(bytes, starts[first]!, ends[first]!, start, end)) {
          code = found;
          break;
        }
      }
      if (code < 0) {
        code = cells.length;
        firsts[code] = cell;
        if (form === CellForm.native) natives[code] = 1;
        cells.push(this.#text(cell));
      }
      codes[row] = code;
    }
    return { cells, codes, natives: natives.includes(1) ? natives.subarray(0, cells.length) : null };
  }

  isNative(column: number, row: number): boolean {
    return this.#block.forms[row * this.#block.width + this.#places[column]!] === CellForm.native;
  }

  #text(cell: number): string | null {
    const { bytes, starts, ends, forms, quote } = this.#block;
    const start = starts[cell]!;
    const end = ends[cell]!;
    const form = forms[cell]!;
    if (start === end) return form === CellForm.plain ? null : '';
    const inner = bytes.toString(this.#encoding, start, end);
    if (form === CellForm.plain || form === CellForm.native) return this.#nulls.has(inner) ? null : inner;
    const text = form === CellForm.escaped ? inner.replaceAll(quote + quote, quote) : inner;
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
    this.#numbers[column] ??= this.#read(column);
    return this.#numbers[column];
  }

  #read(column: number): Float64Array {
    const { rowCount, width, starts, ends, forms, bytes } = this.#block;
    const values = new Float64Array(rowCount);
    let cell = this.#places[column]!;
    for (let row = 0; row < rowCount; row++, cell += width) {
      values[row] = forms[cell] === CellForm.escaped ? Number.NaN : plainDecimal(bytes, starts[cell]!, ends[cell]!);
    }
    const spellings = this.#nulls.numbers;
    if (spellings.size === 0) return values;
    return values.map((value, row) => (spellings.has(value) && this.text(column, row) === null ? Number.NaN : value));
  }
}

function sameBytes(bytes: Buffer, from: number, to: number, start: number, end: number): boolean {
  if (to - from !== end - start) return false;
  for (let at = start; at < end; at++) if (bytes[at] !== bytes[from + at - start]) return false;
  return true;
}

function isBlank(text: string): boolean {
  if (text === '') return true;
  return mayBlank(text.charCodeAt(0)) && text.trim() === '';
}

/** Whether a text of blanks can begin so; other alphabets have blanks too. */
function mayBlank(first: number): boolean {
  return first <= BLANK || first >= ASCII_END;
}
