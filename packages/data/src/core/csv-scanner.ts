/** Cuts the bytes of a CSV text into records and cells, by RFC 4180; nothing is decoded. */
import type { CsvDialect } from './csv-head.js';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
/** Cells that a block has room for at first. */
const FIRST_CELLS = 1 << 14;

/**
 * How a cell stands in the text. `native` is a number that the file itself holds as one, in JSON or Parquet: its text
 * is that of programs, whatever a spec says of how numbers are written.
 */
export const CellForm = { plain: 0, quoted: 1, escaped: 2, native: 3 } as const;

/** One of {@link CellForm}. */
export type CellFormCode = (typeof CellForm)[keyof typeof CellForm];

/** What makes a record none of the table's rows. */
export type BadRecordKind = 'cellCount' | 'quote' | 'json';

/** A record that is no row. */
export interface BadRecord {
  readonly kind: BadRecordKind;
  /** What is wrong, as a message says it after the place, where the kind and the cells do not say it. */
  readonly what?: string;
  /** Cells found; of a record with a wrong quote those before it. */
  readonly cellCount: number;
  readonly line: number;
  /** Where it stands in the bytes, without its line end. */
  readonly start: number;
  readonly end: number;
  /** Rows of the block before it. */
  readonly rowsBefore: number;
}

/** Whole records of some bytes. */
export interface CsvBlock {
  readonly bytes: Buffer;
  readonly rowCount: number;
  /** Cells of a row. */
  readonly width: number;
  /** Where each cell starts and ends, row by row, without the quotes around it. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** The quote, which stands doubled in cells that are `escaped`. */
  readonly quote: string;
  /** As of {@link CellForm}. */
  readonly forms: Uint8Array;
  /** Whether any cell stands in quotes. */
  readonly hasQuotes: boolean;
  /** 1-based line on which each row starts. */
  readonly lines: Int32Array;
  readonly bad: readonly BadRecord[];
  /** Bytes of the records; what follows belongs to one that has not ended. */
  readonly consumed: number;
  /** Whether the bytes end inside quotes. */
  readonly isOpen: boolean;
}

/** Goes over a text block by block and keeps count of its lines. */
export class CsvScanner {
  readonly #dialect: CsvDialect;
  /** 1 for each byte that ends an unquoted cell. */
  readonly #endsCell = new Uint8Array(256);
  readonly #width: number;
  /** Blank lines are no rows but in a table of one column, where one is a missing cell. */
  readonly #skipsBlank: boolean;
  #line: number;
  #starts = new Int32Array(0);
  #ends = new Int32Array(0);
  #forms = new Uint8Array(0);
  #cells = 0;
  #hasQuotes = false;

  /**
   * @param dialect signs of one byte each
   * @param width cells of a row
   * @param line 1-based line of the first byte
   */
  constructor(dialect: CsvDialect, width: number, line: number) {
    this.#dialect = dialect;
    for (const byte of [dialect.delimiter.charCodeAt(0), NEWLINE, RETURN]) this.#endsCell[byte] = 1;
    this.#width = width;
    this.#skipsBlank = width > 1;
    this.#line = line;
  }

  /** 1-based line of the first byte that is not consumed. */
  get line(): number {
    return this.#line;
  }

  /**
   * Cuts what starts at a record.
   * @param isLast whether no bytes follow, so that the last record needs no line end
   */
  scan(bytes: Buffer, isLast: boolean): CsvBlock {
    const capacity = Math.max(FIRST_CELLS, this.#cells);
    this.#starts = new Int32Array(capacity);
    this.#ends = new Int32Array(capacity);
    this.#forms = new Uint8Array(capacity);
    this.#cells = 0;
    this.#hasQuotes = false;
    const lines: number[] = [];
    const bad: BadRecord[] = [];
    let at = 0;
    let isOpen = false;
    while (at < bytes.length) {
      const blank = this.#skipsBlank ? lineEnd(bytes, at, isLast) : 0;
      if (blank !== 0) {
        if (blank < 0) break;
        at += blank;
        this.#line++;
        continue;
      }
      const before = this.#cells;
      const record = this.#record(bytes, at, isLast);
      if (record.end < 0) {
        this.#cells = before;
        isOpen = record.isOpen;
        break;
      }
      const cellCount = this.#cells - before;
      if (record.kind !== null || cellCount !== this.#width) {
        this.#cells = before;
        const kind = record.kind ?? 'cellCount';
        bad.push({ kind, cellCount, line: this.#line, start: at, end: record.end, rowsBefore: lines.length });
      } else {
        lines.push(this.#line);
      }
      this.#line += record.lines;
      at = record.next;
    }
    return {
      bytes,
      rowCount: lines.length,
      width: this.#width,
      ...{ starts: this.#starts, ends: this.#ends, forms: this.#forms, hasQuotes: this.#hasQuotes },
      quote: this.#dialect.quote,
      lines: Int32Array.from(lines),
      bad,
      consumed: at,
      isOpen,
    };
  }

  /** Reads one record. `end` is where its text ends, -1 where the bytes do not hold all of it. */
  #record(bytes: Buffer, start: number, isLast: boolean): RecordEnd {
    const delimiter = this.#dialect.delimiter.charCodeAt(0);
    // Of no quote NaN, which no byte equals.
    const quote = this.#dialect.quote.charCodeAt(0);
    const endsCell = this.#endsCell;
    const { length } = bytes;
    let lines = 0;
    let kind: BadRecordKind | null = null;
    for (let at = start; ; at++) {
      let from = at;
      let form: number = CellForm.plain;
      let until = at;
      if (at < length && bytes[at] === quote) {
        from = at + 1;
        form = CellForm.quoted;
        this.#hasQuotes = true;
        for (at++; ; at++) {
          if (at >= length) return { ...UNFINISHED, isOpen: true };
          const byte = bytes[at]!;
          if (byte === quote) {
            if (bytes[at + 1] !== quote) break;
            form = CellForm.escaped;
            at++;
          } else if (byte === NEWLINE || (byte === RETURN && bytes[at + 1] !== NEWLINE)) lines++;
        }
        until = at++;
        if (at < length && endsCell[bytes[at]!] === 0) {
          kind = 'quote';
          while (at < length && bytes[at] !== NEWLINE && bytes[at] !== RETURN) at++;
        }
      } else {
        while (at < length && endsCell[bytes[at]!] === 0) at++;
        until = at;
      }
      this.#push(from, until, form);
      if (at < length && bytes[at] === delimiter && kind === null) continue;
      const breaks = at >= length ? 0 : lineEnd(bytes, at, isLast);
      if (breaks < 0 || (at >= length && !isLast)) return UNFINISHED;
      return { end: at, next: at + breaks, lines: lines + (breaks > 0 ? 1 : 0), kind, isOpen: false };
    }
  }

  #push(start: number, end: number, form: number): void {
    if (this.#cells === this.#starts.length) this.#grow();
    this.#starts[this.#cells] = start;
    this.#ends[this.#cells] = end;
    this.#forms[this.#cells++] = form;
  }

  #grow(): void {
    const size = this.#cells * 2;
    const starts = new Int32Array(size);
    starts.set(this.#starts);
    const ends = new Int32Array(size);
    ends.set(this.#ends);
    const forms = new Uint8Array(size);
    forms.set(this.#forms);
    this.#starts = starts;
    this.#ends = ends;
    this.#forms = forms;
  }
}

interface RecordEnd {
  readonly end: number;
  /** Where the next record starts. */
  readonly next: number;
  /** Line breaks in it and behind it. */
  readonly lines: number;
  readonly kind: BadRecordKind | null;
  readonly isOpen: boolean;
}

const UNFINISHED: RecordEnd = { end: -1, next: -1, lines: 0, kind: null, isOpen: false };

/** Bytes of the line end at a place: 0 where none is, -1 where the next byte would have to be known. */
function lineEnd(bytes: Buffer, at: number, isLast: boolean): number {
  if (bytes[at] === NEWLINE) return 1;
  if (bytes[at] !== RETURN) return 0;
  if (at + 1 < bytes.length) return bytes[at + 1] === NEWLINE ? 2 : 1;
  return isLast ? 1 : -1;
}
