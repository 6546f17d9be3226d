/** Keeps the columns of a table on disk, typed, once they were read, so that later passes read no text. */
import { type FileHandle, open, rm } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { textNumber } from './core/decimal.js';
import type { RowPlace } from './row-places.js';
import type { CodedColumn, TableChunk, TableColumns } from './table-source.js';

/**
 * What is kept of a column: nothing, its texts, or its numbers, for which `auto` looks at the first rows. Where numbers
 * are kept, the texts of other cells are too, but not those of the numbers.
 */
export type CacheKind = 'nothing' | 'texts' | 'auto';

/** How a table is kept. */
export interface ColumnCacheOptions {
  /** File that the columns stand in. It has no name from when it is open, so that no end of the process leaves it behind. */
  readonly path: string;
  readonly kindOf: (column: string) => CacheKind;
  /** Bytes of the file from which nothing is kept: passes read the table itself then. */
  readonly maxBytes: number;
}

/** Numbers of a column, and the texts of its cells that are none; NaN without a text is a missing cell. */
interface KeptNumbers {
  readonly numbers: Float64Array;
  readonly texts: ReadonlyMap<number, string>;
}

/** What is kept of a chunk; null is a column of which nothing is. */
interface KeptData {
  readonly rowCount: number;
  readonly columns: readonly (KeptNumbers | CodedColumn | null)[];
}

/** A table whose second and later passes read kept columns. */
export class ColumnCache implements TableColumns {
  readonly columns: readonly string[];
  readonly lineOf: (row: number) => string;
  readonly #table: TableColumns;
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #kinds: (CacheKind | 'numbers')[];
  #file: FileHandle | null = null;
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
    this.#isComplete = !this.#isGivenUp;
  }

  async #keep(chunk: TableChunk): Promise<void> {
    const columns = this.#kinds.map((kind, column) => {
      if (kind === 'nothing') return null;
      if (kind === 'texts') return chunk.coded(column);
      const kept = numbersOf(chunk, column);
      const isMostlyTexts = kept.texts.size > chunk.rowCount / 2;
      if (kind === 'auto') this.#kinds[column] = isMostlyTexts ? 'texts' : 'numbers';
      return this.#kinds[column] === 'texts' ? chunk.coded(column) : kept;
    });
    const bytes = serialize({ rowCount: chunk.rowCount, columns } satisfies KeptData);
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
    let position = 0;
    for (const size of this.#sizes) {
      const bytes = Buffer.allocUnsafe(size);
      for (let read = 0; read < size; ) {
        const { bytesRead } = await this.#file!.read(bytes, read, size - read, position + read);
        if (bytesRead === 0) throw new Error('the kept columns are cut');
        read += bytesRead;
      }
      position += size;
      yield new KeptChunk(deserialize(bytes) as KeptData);
    }
  }
}

function numbersOf(chunk: TableChunk, column: number): KeptNumbers {
  const numbers = chunk.numbers(column);
  const texts = new Map<number, string>();
  for (let row = 0; row < numbers.length; row++) {
    const text = Number.isNaN(numbers[row]) ? chunk.text(column, row) : null;
    if (text !== null) texts.set(row, text);
  }
  return { numbers, texts };
}

class KeptChunk implements TableChunk {
  readonly rowCount: number;
  readonly #columns: KeptData['columns'];

  constructor({ rowCount, columns }: KeptData) {
    this.rowCount = rowCount;
    this.#columns = columns;
  }

  text(column: number, row: number): string | null {
    const kept = this.#column(column);
    if ('cells' in kept) return kept.cells[kept.codes[row]!]!;
    if (Number.isNaN(kept.numbers[row])) return kept.texts.get(row) ?? null;
    throw new Error(`the text of column ${column} is not kept`);
  }

  /** Numbers are kept only of columns that are written as those of files are. */
  isNative(column: number, row: number): boolean {
    const kept = this.#column(column);
    return 'cells' in kept && kept.natives?.[kept.codes[row]!] === 1;
  }

  coded(column: number): CodedColumn {
    const kept = this.#column(column);
    if ('cells' in kept) return kept;
    throw new Error(`the texts of column ${column} are not kept`);
  }

  numbers(column: number): Float64Array {
    const kept = this.#column(column);
    if ('numbers' in kept) return kept.numbers;
    const values = kept.cells.map((cell) => (cell === null ? Number.NaN : textNumber(cell)));
    return Float64Array.from(kept.codes, (code) => values[code]!);
  }

  #column(column: number): KeptNumbers | CodedColumn {
    const kept = this.#columns[column];
    if (kept) return kept;
    throw new Error(`column ${column} is not kept`);
  }
}
