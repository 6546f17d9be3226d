/** Where each row stands: its file and line, kept as the places at which the distance of rows and lines changes. */

/** Changes that are kept at first. */
const FIRST_CHANGES = 64;

/** Where a row stands. */
export interface RowPlace {
  readonly file: string;
  /** Row of the file, 0-based. */
  readonly fileRow: number;
  /** 1-based line; null where the format has none. */
  readonly line: number | null;
}

interface FilePart {
  readonly name: string;
  readonly hasLines: boolean;
  readonly firstRow: number;
}

/** Places of rows, given in order; those of a second pass are known already. */
export class RowPlaces {
  readonly #files: FilePart[] = [];
  #rows = new Float64Array(FIRST_CHANGES);
  #offsets = new Float64Array(FIRST_CHANGES);
  #changes = 0;
  #known = 0;

  /** A file begins. @param index which of them, from 0 */
  beginFile(index: number, name: string, hasLines: boolean, firstRow: number): void {
    if (index === this.#files.length) this.#files.push({ name, hasLines, firstRow });
  }

  /** Lines of the next rows. */
  add(firstRow: number, lines: Int32Array): void {
    for (let index = Math.max(0, this.#known - firstRow); index < lines.length; index++) {
      const row = firstRow + index;
      const offset = lines[index]! - row;
      if (this.#changes === 0 || this.#offsets[this.#changes - 1] !== offset) this.#change(row, offset);
    }
    this.#known = Math.max(this.#known, firstRow + lines.length);
  }

  /** Place of a row that was read. */
  of(row: number): RowPlace {
    const file = this.#files[lastAtMost(this.#files.length, (index) => this.#files[index]!.firstRow, row)];
    if (!file) throw new Error(`row ${row} was not read`);
    const change = lastAtMost(this.#changes, (index) => this.#rows[index]!, row);
    const line = file.hasLines ? row + this.#offsets[change]! : null;
    return { file: file.name, fileRow: row - file.firstRow, line };
  }

  /** The place in words: `line 3`, or `line 3 of b.csv` where there are several files. */
  inWords(row: number): string {
    const { file, fileRow, line } = this.of(row);
    if (line === null) return `row ${fileRow + 1} of ${file}`;
    return this.#files.length > 1 ? `line ${line} of ${file}` : `line ${line}`;
  }

  #change(row: number, offset: number): void {
    if (this.#changes === this.#rows.length) {
      this.#rows = doubled(this.#rows);
      this.#offsets = doubled(this.#offsets);
    }
    this.#rows[this.#changes] = row;
    this.#offsets[this.#changes++] = offset;
  }
}

function doubled(from: Float64Array): Float64Array<ArrayBuffer> {
  const to = new Float64Array(from.length * 2);
  to.set(from);
  return to;
}

/** The last of some rising numbers that is at most `wanted`; -1 where none is. */
function lastAtMost(count: number, at: (index: number) => number, wanted: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
