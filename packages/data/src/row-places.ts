/** Where each row stands: its file and line, kept as the places at which the distance of rows and lines changes. */

/** Changes that are kept at first. */
const FIRST_CHANGES = 64;

/** A place with its file: `line 3 of b.csv`, `row 3 of b.parquet`. */
export function placeInWords({ file, number, hasLines }: RowPlace): string {
  return `${hasLines ? 'line' : 'row'} ${number} of ${file}`;
}

/** Where a row stands. */
export interface RowPlace {
  readonly file: string;
  /** 1-based line; of a format without lines the 1-based row of the file. */
  readonly number: number;
  /** Whether `number` is that of a line. */
  readonly hasLines: boolean;
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

  /** Numbers of the next rows. */
  add(firstRow: number, numbers: Int32Array): void {
    for (let index = Math.max(0, this.#known - firstRow); index < numbers.length; index++) {
      const row = firstRow + index;
      const offset = numbers[index]! - row;
      if (this.#changes === 0 || this.#offsets[this.#changes - 1] !== offset) this.#change(row, offset);
    }
    this.#known = Math.max(this.#known, firstRow + numbers.length);
  }

  /** Place of a row that was read. */
  of(row: number): RowPlace {
    const file = this.#files[lastAtMost(this.#files.length, (index) => this.#files[index]!.firstRow, row)];
    if (!file) throw new Error(`row ${row} was not read`);
    const change = lastAtMost(this.#changes, (index) => this.#rows[index]!, row);
    return { file: file.name, number: row + this.#offsets[change]!, hasLines: file.hasLines };
  }

  /** The place in words: `line 3`, or `line 3 of b.csv` where there are several files. */
  inWords(row: number): string {
    const place = this.of(row);
    return place.hasLines && this.#files.length === 1 ? `line ${place.number}` : placeInWords(place);
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
