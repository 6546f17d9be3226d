/** One file of a table, whatever its format: blocks of cells under the names that the file gives its columns. */
import type { CsvBlock } from './core/csv-scanner.js';

/** A file as it is given. */
export interface DataFile {
  readonly path: string;
  /** Its name in messages; its ending may tell the format. */
  readonly name: string;
}

/** How files are read; what a spec says under `data`. */
export interface ReadingOptions {
  /** `auto` goes by the ending of the name, then by the content. @default auto */
  readonly format?: 'auto' | 'csv' | 'parquet' | 'jsonl';
  /** What stands between cells of CSV; found in the header where it is not given. */
  readonly delimiter?: string | undefined;
  /** What stands around cells of CSV that hold delimiters or line breaks; '' for none. @default '"' */
  readonly quote?: string | undefined;
  /** Of text files; `auto` goes by a byte order mark. @default auto */
  readonly encoding?: 'auto' | 'utf-8' | 'utf-16' | 'latin1';
  /** Bytes read at once. @default 256 KiB */
  readonly pieceBytes?: number;
}

/** An open file. */
export interface TableFile {
  readonly name: string;
  /** Names of the columns as they stand; a blank one is no name. */
  readonly columns: readonly string[];
  /** Whether the `lines` of blocks are lines of the file, which a message can name; else they are its rows from 1 on. */
  readonly hasLines: boolean;
  /** Rows in file order. Each call reads the file anew. @throws LockstepError DATA_UNREADABLE */
  blocks(): AsyncIterable<CsvBlock>;
}
