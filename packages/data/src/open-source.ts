/** Opens files as one table: columns by name, rows in the order of the files, bad rows named or left out. */
import { isAscii } from 'node:buffer';
import { checkSameColumns, headerPlaces, unnamedColumn } from './columns.js';
import { CsvChunk, NullSpellings } from './core/csv-chunk.js';
import type { BadRecord, CsvBlock } from './core/csv-scanner.js';
import { openFile } from './open-file.js';
import { type Reject, type RejectSink, Rejects } from './rejects.js';
import { type RowPlace, RowPlaces } from './row-places.js';
import { fileState } from './source-file.js';
import type { DataFile, ReadingOptions, TableFile } from './table-file.js';
import { allRows, type TableChunk, type TableSource } from './table-source.js';

const NUL = 0;

/** What is opened, and how. */
export interface SourceOptions extends ReadingOptions {
  /** In the order of their rows; at least one. */
  readonly files: readonly DataFile[];
  /** Spellings of a missing value in unquoted cells. */
  readonly nulls: readonly string[];
  /** Takes bad rows, which are left out then. @default one error names them all */
  readonly skipTo?: RejectSink;
}

/** A file with the place of each column of the table in its records. */
interface Part {
  readonly file: TableFile;
  readonly places: readonly number[];
  /** Columns without a name, which have to be empty. */
  readonly unnamed: readonly number[];
}

/** Opens a table. @throws LockstepError DATA_NOT_FOUND, DATA_EMPTY, DATA_UNREADABLE, DATA_VALUE, DATA_TOO_LARGE */
export async function openSource(options: SourceOptions): Promise<TableSource> {
  const parts: Part[] = [];
  let columns: readonly string[] | null = null;
  for (const file of options.files) {
    await fileState(file.path, file.name);
    const opened = await openFile(file, options);
    const { named, unnamed } = headerPlaces(opened.columns, file.name);
    columns ??= [...named.keys()];
    checkSameColumns(columns, options.files[0]!.name, named, file.name);
    parts.push({ file: opened, places: columns.map((name) => named.get(name)!), unnamed });
  }
  if (!columns) throw new Error('a table has at least one file');
  return new FileTable(columns, parts, options);
}

class FileTable implements TableSource {
  readonly columns: readonly string[];
  readonly #parts: readonly Part[];
  readonly #nulls: NullSpellings;
  readonly #skipTo: RejectSink | undefined;
  readonly #places = new RowPlaces();
  readonly #notes = new ReadingNotes();
  /** Records that earlier passes have been over: what is wrong with them is known. */
  #seen = 0;

  constructor(columns: readonly string[], parts: readonly Part[], { nulls, skipTo }: SourceOptions) {
    this.columns = columns;
    this.#parts = parts;
    this.#nulls = new NullSpellings(nulls);
    this.#skipTo = skipTo;
    for (const { file, unnamed } of parts) this.#notes.unnamed(file.name, unnamed);
  }

  get warnings(): readonly string[] {
    return this.#notes.warnings();
  }

  readonly lineOf = (row: number): string => this.#places.inWords(row);

  placeOf(row: number): RowPlace {
    return this.#places.of(row);
  }

  rows(): AsyncIterable<readonly (readonly (string | null)[])[]> {
    return allRows(this.chunks(), this.columns.length);
  }

  async *chunks(): AsyncGenerator<TableChunk> {
    // Where bad rows are no rows, a pass ends at the first of them: what is left is read to name the others.
    const refused = this.#skipTo ? null : new Rejects(null);
    let firstRow = 0;
    let records = 0;
    for (const [index, part] of this.#parts.entries()) {
      this.#places.beginFile(index, part.file.name, part.file.hasLines, firstRow);
      const firstRecord = records;
      for await (const block of part.file.blocks()) {
        if (records === firstRecord) refuseUnnamed(part, block);
        const isNew = records >= this.#seen;
        records += block.rowCount + block.bad.length;
        const good = this.#withoutBad(part, block, refused ?? (isNew ? this.#skipTo! : null));
        this.#seen = Math.max(this.#seen, records);
        if (refused && refused.count > 0) continue;
        if (good.rowCount === 0) continue;
        this.#places.add(firstRow, good.lines);
        firstRow += good.rowCount;
        const whole = good.bytes.subarray(0, good.consumed);
        const chunk = new CsvChunk(good, part.places, this.#nulls, isAscii(whole));
        if (isNew) this.#notes.blanks(this.columns, chunk);
        yield chunk;
      }
    }
    refused?.refuseAny();
  }

  #withoutBad({ file, unnamed }: Part, block: CsvBlock, sink: RejectSink | null): CsvBlock {
    const faults = rowFaults(file, block, unnamed);
    if (faults.length === 0 && block.bad.length === 0) return block;
    const rejects = [
      ...block.bad.map((bad) => badLine(file, block, bad)),
      ...faults.map((fault) => badRow(file, block, fault)),
    ];
    rejects.sort((a, b) => a.place.number - b.place.number);
    for (const reject of rejects) sink?.add(reject);
    return faults.length === 0 ? block : withoutRows(block, new Set(faults.map(({ row }) => row)));
  }
}

/** A header that lacks a name of a column that the first row fills is a fault of the header, not of the rows. */
function refuseUnnamed({ file, unnamed }: Part, block: CsvBlock): void {
  const [first] = unnamed.length > 0 ? rowsWithCells(block, unnamed) : [];
  if (first?.row === 0) throw unnamedColumn(first.place, file.name);
}

function badLine(file: TableFile, block: CsvBlock, { kind, cellCount, line, start, end, what }: BadRecord): Reject {
  const found = {
    quote: 'has text after a closing quote',
    json: 'is no object of JSON',
    cellCount: `has ${cellCount} ${cellCount === 1 ? 'cell' : 'cells'}, the header has ${block.width}`,
  }[kind];
  const text = block.bytes.toString('utf8', start, end);
  return { place: placeOf(file, line), row: null, column: null, kind, text, what: what ?? found };
}

/** A row of the right shape with a cell that keeps it from being one. */
interface RowFault {
  /** Row of the block. */
  readonly row: number;
  /** Place of the cell in the record. */
  readonly place: number;
  readonly kind: 'unnamedColumn' | 'nul';
}

function badRow(file: TableFile, block: CsvBlock, { row, place, kind }: RowFault): Reject {
  const what = {
    unnamedColumn: `has a cell in column ${place + 1}, which has no name`,
    nul: `has the character NUL (U+0000) in column ${file.columns[place]}, which no text of a model can hold`,
  }[kind];
  const cell = row * block.width + place;
  const text = block.bytes.toString('utf8', block.starts[cell], block.ends[cell]);
  return { place: placeOf(file, block.lines[row]!), row: null, column: null, kind, text, what };
}

function placeOf({ name, hasLines }: TableFile, number: number): RowPlace {
  return { file: name, number, hasLines };
}

/** Rows that cannot be used, with the first reason of each. */
function rowFaults({ columns }: TableFile, block: CsvBlock, unnamed: readonly number[]): RowFault[] {
  const filled = unnamed.length > 0 ? rowsWithCells(block, unnamed) : [];
  const found = new Map(filled.map((fault) => [fault.row, { ...fault, kind: 'unnamedColumn' } as RowFault]));
  if (block.bytes.subarray(0, block.consumed).includes(NUL)) {
    for (let row = 0; row < block.rowCount; row++) {
      const place = columns.findIndex((_, at) => {
        const cell = row * block.width + at;
        return block.bytes.subarray(block.starts[cell], block.ends[cell]).includes(NUL);
      });
      if (place >= 0 && !found.has(row)) found.set(row, { row, place, kind: 'nul' });
    }
  }
  return [...found.values()];
}

/** Rows that have something in a column without a name, with the first such place. */
function rowsWithCells(block: CsvBlock, unnamed: readonly number[]): { row: number; place: number }[] {
  const found: { row: number; place: number }[] = [];
  for (let row = 0; row < block.rowCount; row++) {
    const place = unnamed.find((column) => {
      const cell = row * block.width + column;
      return block.bytes.toString('latin1', block.starts[cell], block.ends[cell]).trim() !== '';
    });
    if (place !== undefined) found.push({ row, place });
  }
  return found;
}

function withoutRows(block: CsvBlock, rows: ReadonlySet<number>): CsvBlock {
  const { width, starts, ends, forms, lines } = block;
  const kept = Array.from({ length: block.rowCount }, (_, row) => row).filter((row) => !rows.has(row));
  const cells = kept.flatMap((row) => Array.from({ length: width }, (_, place) => row * width + place));
  return {
    ...block,
    rowCount: kept.length,
    starts: Int32Array.from(cells, (cell) => starts[cell]!),
    ends: Int32Array.from(cells, (cell) => ends[cell]!),
    forms: Uint8Array.from(cells, (cell) => forms[cell]!),
    lines: Int32Array.from(kept, (row) => lines[row]!),
  };
}

/** What reading did that nobody asked for. */
class ReadingNotes {
  readonly #unnamed: string[] = [];
  readonly #blanks = new Map<string, number>();

  unnamed(file: string, places: readonly number[]): void {
    for (const place of places) {
      this.#unnamed.push(`Column ${place + 1} of ${file} has neither a name nor cells: it is left out.`);
    }
  }

  blanks(columns: readonly string[], chunk: CsvChunk): void {
    if (!chunk.hasQuotes) return;
    columns.forEach((name, column) => {
      for (let row = 0; row < chunk.rowCount; row++) {
        if (chunk.isBlankText(column, row)) this.#blanks.set(name, (this.#blanks.get(name) ?? 0) + 1);
      }
    });
  }

  warnings(): string[] {
    const blanks = [...this.#blanks].map(
      ([name, count]) =>
        `Column ${name} has ${count} quoted ${count === 1 ? 'cell' : 'cells'} of blanks alone: read as the empty text, or as missing where it holds numbers.`,
    );
    return [...this.#unnamed, ...blanks];
  }
}
