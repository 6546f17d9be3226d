/** Finds the line of a row for a message; read again only then, since quoted cells may hold line breaks. */
import { closeSync, openSync, readSync } from 'node:fs';

const PIECE_BYTES = 1 << 20;
const QUOTE = 0x22;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/**
 * The 1-based line on which a row starts.
 * @param row 0-based, without the header
 * @param skipsBlank whether blank lines are no rows, as in a table of several columns
 * @returns null where the file has fewer rows
 */
export function lineOfRow(path: string, delimiter: string, row: number, skipsBlank: boolean): number | null {
  const counter = new LineCounter(delimiter.charCodeAt(0), row + 1, skipsBlank);
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let isStart = true;
    for (;;) {
      const length = readSync(file, piece, 0, PIECE_BYTES, null);
      if (length === 0) return null;
      const mark = isStart && piece.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0;
      isStart = false;
      const found = counter.take(piece.subarray(mark, length));
      if (found !== null) return found;
    }
  } finally {
    closeSync(file);
  }
}

/** Walks over bytes; a quote counts at the start of a cell, or where it ends one that began so. */
class LineCounter {
  readonly #delimiter: number;
  readonly #record: number;
  readonly #skipsBlank: boolean;
  #line = 1;
  #records = 0;
  #quoted = false;
  #atCellStart = true;
  #atLineStart = true;
  #last = 0;

  constructor(delimiter: number, record: number, skipsBlank: boolean) {
    this.#delimiter = delimiter;
    this.#record = record;
    this.#skipsBlank = skipsBlank;
  }

  /** @returns the line where the wanted record starts, once it is met */
  take(bytes: Uint8Array): number | null {
    for (const byte of bytes) {
      if (byte === NEWLINE && this.#last === RETURN) {
        this.#last = byte;
        continue;
      }
      this.#last = byte;
      const breaks = byte === NEWLINE || byte === RETURN;
      if (this.#atLineStart && !(breaks && this.#skipsBlank) && this.#records++ === this.#record) return this.#line;
      this.#step(byte, breaks);
    }
    return null;
  }

  #step(byte: number, breaks: boolean): void {
    if (breaks) this.#line++;
    if (byte === QUOTE && (this.#quoted || this.#atCellStart)) this.#quoted = !this.#quoted;
    this.#atLineStart = breaks && !this.#quoted;
    // A doubled quote inside a quoted cell closes and opens it again.
    this.#atCellStart = !this.#quoted && (breaks || byte === this.#delimiter || byte === QUOTE);
  }
}
