/** A table as everything after reading sees it: cells in chunks of rows, and where each row stands. */
import type { RowPlace } from './row-places.js';

/** Cells of a row by position of the column; null is a missing cell, '' the empty text. */
export type Row = readonly (string | null)[];

/** A column as the cells that stand in it and, for each row, which of them it has. */
export interface CodedColumn {
  /** In the order met; a cell may stand here more than once. */
  readonly cells: Row;
  /** Place of each row's cell in `cells`. */
  readonly codes: Uint32Array;
  /** 1 for each of `cells` that {@link TableChunk.isNative} is said of; null where it is said of none. */
  readonly natives: Uint8Array | null;
}

/** Some rows in a row. A cell becomes a string only when it is asked for; arrays are kept, and not to be changed. */
export interface TableChunk {
  readonly rowCount: number;
  /** One cell as it is spelled: null is missing, '' the empty text (quoted, or blanks in quotes). */
  text(column: number, row: number): string | null;
  /**
   * Whether a cell is a number that the file itself holds as one, as JSON and Parquet do: how a spec says that numbers
   * are written is said of texts.
   */
  isNative(column: number, row: number): boolean;
  /** The texts of a whole column; cells that are alike are made once. */
  coded(column: number): CodedColumn;
  /**
   * A column in float64: the value of each cell that `classifyCell` calls a number; NaN for every other one, also a
   * missing one. For those ask {@link TableChunk.text}.
   */
  numbers(column: number): Float64Array;
}

/** An open table, of one file or of several. */
export interface TableSource {
  readonly columns: readonly string[];
  /** Rows in file order, many at a time. Each call reads the data anew. */
  chunks(): AsyncIterable<TableChunk>;
  /** The same rows as arrays of texts. */
  rows(): AsyncIterable<readonly Row[]>;
  /** Where a row that was read stands, for example `line 3`. */
  readonly lineOf: (row: number) => string;
  /** The same in parts. */
  placeOf(row: number): RowPlace;
  /** What a user should know of the way the data was read; complete after the first pass. */
  readonly warnings: readonly string[];
}

/** What is read of a table column by column. */
export type TableColumns = Pick<TableSource, 'columns' | 'chunks' | 'lineOf' | 'placeOf'>;

/** Some rows of a chunk as one of their own. */
export function chunkOfRows(chunk: TableChunk, rows: readonly number[]): TableChunk {
  return {
    rowCount: rows.length,
    text: (column, row) => chunk.text(column, rows[row]!),
    isNative: (column, row) => chunk.isNative(column, rows[row]!),
    coded: (column) => {
      const coded = chunk.coded(column);
      return { ...coded, codes: Uint32Array.from(rows, (row) => coded.codes[row]!) };
    },
    numbers: (column) => {
      const all = chunk.numbers(column);
      return Float64Array.from(rows, (row) => all[row]!);
    },
  };
}

/** The rows of chunks as arrays of texts. */
export async function* allRows(chunks: AsyncIterable<TableChunk>, columnCount: number): AsyncGenerator<Row[]> {
  for await (const chunk of chunks) yield rowsOf(chunk, columnCount);
}

function rowsOf(chunk: TableChunk, columnCount: number): Row[] {
  const columns = Array.from({ length: columnCount }, (_, column) => chunk.coded(column));
  return Array.from({ length: chunk.rowCount }, (_, row) => columns.map(({ cells, codes }) => cells[codes[row]!]!));
}
