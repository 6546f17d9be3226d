/** Cuts the text of one JSON array into its elements, piece by piece: a file of it need not fit memory. */

const OPEN = new Set([0x5b, 0x7b]);
const CLOSE = new Set([0x5d, 0x7d]);
const BLANK = new Set([0x20, 0x09, 0x0a, 0x0d]);
const [NEWLINE, QUOTE, BACKSLASH, COMMA, END] = [0x0a, 0x22, 0x5c, 0x2c, 0x5d];

/** An element as it is written, and the 1-based line on which it begins. */
export interface ArrayElement {
  readonly bytes: Buffer;
  readonly line: number;
}

/** Takes the bytes of a file. What stands in an element is for its reader to judge. */
export class ArrayElements {
  /** Pieces of the element that has begun. */
  #parts: Buffer[] = [];
  #partBytes = 0;
  #line = 1;
  #elementLine = 1;
  #depth = 0;
  #isText = false;
  #isEscaped = false;
  #hasEnded = false;
  /** Whether a comma came after the last element. */
  #isOpenEnded = false;

  /** Bytes of the element that has begun. */
  get pendingBytes(): number {
    return this.#partBytes;
  }

  /** Line of the newest byte. */
  get line(): number {
    return this.#line;
  }

  /** Whether its bracket was closed. */
  get isWhole(): boolean {
    return this.#hasEnded;
  }

  /** The elements that are whole with a piece. @throws SyntaxError for text behind the array, or no element between commas */
  *add(piece: Buffer): Generator<ArrayElement> {
    let from = 0;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at]!;
      if (byte === NEWLINE) this.#line++;
      if (this.#isText) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) this.#isText = false;
        continue;
      }
      if (this.#hasEnded) {
        if (!BLANK.has(byte)) throw new SyntaxError('has text behind its array of JSON');
        continue;
      }
      if (this.#depth === 1 && (byte === COMMA || byte === END)) {
        const element = this.#finish(piece.subarray(from, at));
        from = at + 1;
        if (element) yield element;
        else if (byte === COMMA || this.#isOpenEnded) throw new SyntaxError('has no value beside a comma of its array');
        this.#isOpenEnded = byte === COMMA;
        if (byte === END) this.#hasEnded = true;
        continue;
      }
      if (this.#depth === 1 && this.#partBytes === 0 && BLANK.has(byte) && from === at) {
        from = at + 1;
        continue;
      }
      if (this.#depth === 1 && this.#partBytes === 0 && from === at) this.#elementLine = this.#line;
      if (byte === QUOTE) this.#isText = true;
      else if (OPEN.has(byte)) {
        if (this.#depth++ === 0) from = at + 1;
      } else if (CLOSE.has(byte) && this.#depth > 1) this.#depth--;
    }
    if (from < piece.length && !this.#hasEnded) this.#keep(piece.subarray(from));
  }

  #keep(part: Buffer): void {
    this.#parts.push(Buffer.from(part));
    this.#partBytes += part.length;
  }

  #finish(last: Buffer): ArrayElement | null {
    const bytes = this.#parts.length === 0 ? last : Buffer.concat([...this.#parts, last]);
    this.#parts = [];
    this.#partBytes = 0;
    return bytes.length === 0 ? null : { bytes, line: this.#elementLine };
  }
}
