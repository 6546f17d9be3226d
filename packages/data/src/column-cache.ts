/** Keeps the columns of a table on disk, typed, once they were read, so that later passes read no text. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { textNumber } from './core/decimal.js';
import type { RowPlace } from './row-places.js';
import type { CodedColumn, Row, TableChunk, TableColumns } from './table-source.js';

/**
 * What is kept of a column: nothing, its texts, or its numbers, for which `auto` looks at the first rows. Where numbers
 * are kept, the texts of other cells are too, but not those of the numbers.
 */
export type CacheKind = 'nothing' | 'texts' | 'auto';

/** Cells from which chunks are kept as one: with many columns a chunk has few rows. */
const KEPT_CELLS = 1 << 19;
/** Chunks that are kept as one at most: those of long texts have few cells. */
const MOST_CHUNKS = 32;

/** How a table is kept. */
export interface ColumnCacheOptions {
  /** File that the columns stand in. It has no name from when it is open, so that no end of the process leaves it behind. */
  readonly path: string;
  readonly kindOf: (column: string) => CacheKind;
  /** Bytes of the file from which nothing is kept: passes read the table itself then. */
  readonly maxBytes: number;
}

/** What a column is kept as. */
type KeptKind = 'nothing' | 'texts' | 'numbers';

/** What is kept of a chunk: columns of each kind one after another, so that many columns are few arrays. */
interface KeptData {
  readonly rowCount: number;
  readonly numbers: Float64Array;
  /** Texts among the numbers, by place; NaN without one is a missing cell. */
  readonly others: ReadonlyMap<number, string>;
  readonly cells: readonly Row[];
  readonly natives: readonly CodedColumn['natives'][];
  readonly codes: Uint32Array;
}

/** A table whose second and later passes read kept columns. */
export class ColumnCache implements TableColumns {
  readonly columns: readonly string[];
  readonly lineOf: (row: number) => string;
  readonly #table: TableColumns;
  readonly #path: string;
  readonly #maxBytes: number;
  #kinds: (CacheKind | KeptKind)[];
  #file: FileHandle | null = null;
  /** Chunks that are kept as one. */
  #waiting: TableChunk[] = [];
  /** Bytes of each chunk that is kept. */
  #sizes: number[] = [];
  #bytes = 0;
  #isComplete = false;
  /** Whether the disk or the limit left no room. */
  #isGivenUp = false;

  constructor(table: TableColumns, { path, kindOf, maxBytes }: ColumnCacheOptions) {
    this.columns = table.columns;
    this.lineOf = table.lineOf;
    this.#table = table;
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#kinds = table.columns.map(kindOf);
  }

  placeOf(row: number): RowPlace {
    return this.#table.placeOf(row);
  }

  /** Says which columns, by position, are asked for their texts from now on. The next pass reads the table again where these are not kept. */
  needTexts(columns: readonly number[]): void {
    for (const column of columns) {
      if (this.#kinds[column] === 'texts') continue;
      this.#kinds[column] = 'texts';
      this.#isComplete = false;
    }
  }

  async *chunks(): AsyncGenerator<TableChunk> {
    if (this.#isComplete) yield* this.#read();
    else if (this.#isGivenUp) yield* this.#table.chunks();
    else yield* this.#fill();
  }

  /** Gives the space on the disk back. */
  async close(): Promise<void> {
    this.#isComplete = false;
    this.#waiting = [];
    await this.#file?.close();
    this.#file = null;
  }

  async *#fill(): AsyncGenerator<TableChunk> {
    await this.#orGiveUp(async () => {
      await this.close();
      this.#sizes = [];
      this.#bytes = 0;
      this.#file = await open(this.#path, 'w+');
      await rm(this.#path);
    });
    for await (const chunk of this.#table.chunks()) {
      yield chunk;
      if (!this.#isGivenUp) await this.#keep(chunk);
    }
    if (this.#waiting.length > 0) await this.#write();
    this.#isComplete = !this.#isGivenUp;
  }

  async #keep(chunk: TableChunk): Promise<void> {
    this.#kinds = this.#kinds.map((kind, column) => (kind === 'auto' ? kindFound(chunk, column) : kind));
    this.#waiting.push(chunk);
    const isFull = rowsOf(this.#waiting) * this.columns.length >= KEPT_CELLS;
    if (isFull || this.#waiting.length === MOST_CHUNKS) await this.#write();
  }

  async #write(): Promise<void> {
    const bytes = serialize(keptData(this.#waiting, this.#kinds as readonly KeptKind[]));
    this.#waiting = [];
    this.#sizes.push(bytes.length);
    this.#bytes += bytes.length;
    await this.#orGiveUp(async () => {
      if (this.#bytes > this.#maxBytes) throw new Error('the limit is reached');
      await this.#file!.writeFile(bytes);
    });
  }

  /** Reading the table again is always possible: what goes wrong with the file is no error. */
  async #orGiveUp(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch {
      this.#isGivenUp = true;
      await this.close().catch(() => {});
    }
  }

  async *#read(): AsyncGenerator<TableChunk> {
    const slots = slotsOf(this.#kinds as readonly KeptKind[]);
    let position = 0;
    for (const size of this.#sizes) {
      const bytes = Buffer.allocUnsafe(size);
      for (let read = 0; read < size; ) {
        const { bytesRead } = await this.#file!.read(bytes, read, size - read, position + read);
        if (bytesRead === 0) throw new Error('the kept columns are cut');
        read += bytesRead;
      }
      position += size;
      yield new KeptChunk(deserialize(bytes) as KeptData, slots);
    }
  }
}

/** Columns that hold more texts than numbers and missing cells are kept as texts. */
function kindFound(chunk: TableChunk, column: number): KeptKind {
  let texts = 0;
  chunk.numbers(column).forEach((value, row) => {
    if (Number.isNaN(value) && chunk.text(column, row) !== null) texts++;
  });
  return texts > chunk.rowCount / 2 ? 'texts' : 'numbers';
}

function rowsOf(chunks: readonly TableChunk[]): number {
  return chunks.reduce((sum, { rowCount }) => sum + rowCount, 0);
}

/** Several chunks as one. */
function keptData(chunks: readonly TableChunk[], kinds: readonly KeptKind[]): KeptData {
  const rowCount = rowsOf(chunks);
  const columnsOf = (wanted: KeptKind): number[] => kinds.flatMap((kind, column) => (kind === wanted ? [column] : []));
  const [numeric, coded] = [columnsOf('numbers'), columnsOf('texts')];
  const numbers = new Float64Array(numeric.length * rowCount);
  const others = new Map<number, string>();
  const codes = new Uint32Array(coded.length * rowCount);
  const cells = coded.map((): (string | null)[] => []);
  const natives = coded.map((): number[] => []);
  let firstRow = 0;
  for (const chunk of chunks) {
    for (const [place, column] of numeric.entries()) {
      const values = chunk.numbers(column);
      const start = place * rowCount + firstRow;
      numbers.set(values, start);
      for (let row = 0; row < values.length; row++) {
        const text = Number.isNaN(values[row]) ? chunk.text(column, row) : null;
        if (text !== null) others.set(start + row, text);
      }
    }
    for (const [place, column] of coded.entries()) {
      const from = chunk.coded(column);
      const start = place * rowCount + firstRow;
      const known = cells[place]!.length;
      for (let row = 0; row < from.codes.length; row++) codes[start + row] = known + from.codes[row]!;
      for (const [code, cell] of from.cells.entries()) {
        cells[place]!.push(cell);
        natives[place]!.push(from.natives?.[code] ?? 0);
      }
    }
    firstRow += chunk.rowCount;
  }
  return { rowCount, numbers, others, cells, natives: natives.map(nativesOf), codes };
}

function nativesOf(bits: readonly number[]): CodedColumn['natives'] {
  return bits.includes(1) ? Uint8Array.from(bits) : null;
}

/** Where a column stands among those of its kind. */
interface Slot {
  readonly kind: KeptKind;
  readonly place: number;
}

function slotsOf(kinds: readonly KeptKind[]): readonly Slot[] {
  const counts = { nothing: 0, texts: 0, numbers: 0 };
  return kinds.map((kind) => ({ kind, place: counts[kind]++ }));
}

class KeptChunk implements TableChunk {
  readonly #data: KeptData;
  readonly #slots: readonly Slot[];

  constructor(data: KeptData, slots: readonly Slot[]) {
    this.#data = data;
    this.#slots = slots;
  }

  get rowCount(): number {
    return this.#data.rowCount;
  }

  text(column: number, row: number): string | null {
    const { rowCount, numbers, others, cells, codes } = this.#data;
    const { kind, place } = this.#slots[column]!;
    const at = place * rowCount + row;
    if (kind === 'texts') return cells[place]![codes[at]!]!;
    if (kind === 'numbers' && Number.isNaN(numbers[at])) return others.get(at) ?? null;
    throw notKept('text', column);
  }

  /** Numbers are kept only of columns that are written as those of files are. */
  isNative(column: number, row: number): boolean {
    const { rowCount, natives, codes } = this.#data;
    const { kind, place } = this.#slots[column]!;
    return kind === 'texts' && natives[place]?.[codes[place * rowCount + row]!] === 1;
  }

  coded(column: number): CodedColumn {
    const { kind, place } = this.#slots[column]!;
    if (kind !== 'texts') throw notKept('texts', column);
    const { cells, natives, codes } = this.#data;
    return { cells: cells[place]!, codes: this.#part(codes, place), natives: natives[place]! };
  }

  numbers(column: number): Float64Array {
    const { kind, place } = this.#slots[column]!;
    if (kind === 'nothing') throw notKept('numbers', column);
    if (kind === 'numbers') return this.#part(this.#data.numbers, place);
    const { cells, codes } = this.coded(column);
    const values = cells.map((cell) => (cell === null ? Number.NaN : textNumber(cell)));
    return Float64Array.from(codes, (code) => values[code]!);
  }

  /** The rows of one column. */
  #part<Values extends Float64Array | Uint32Array>(all: Values, place: number): Values {
    const { rowCount } = this.#data;
    return all.subarray(place * rowCount, (place + 1) * rowCount) as Values;
  }
}

function notKept(what: string, column: number): Error {
  return new Error(`column ${column}: ${what} not kept`);
}
