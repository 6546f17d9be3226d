/** The same table in every format that is read, spelled in the ways that people and programs spell it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetFile } from '../../packages/data/src/testing/parquet.ts';
import type { Cell, GeneratedColumn, GeneratedTable } from './generated-table.ts';

/** A way of writing text files. */
export interface Style {
  readonly delimiter: ',' | ';' | '\t' | '|';
  readonly lineEnd: '\n' | '\r\n' | '\r';
  /** Quotes around every cell that may have them, or only where they are needed. */
  readonly quotesAll: boolean;
  readonly encoding: 'utf-8' | 'utf-8 with mark' | 'utf-16le' | 'utf-16be';
  readonly isPacked: boolean;
  readonly endsWithLineEnd: boolean;
  /** Turns the order of keys, of spellings of nothing, and the like. */
  readonly turn: number;
}

/** Ways of writing. */
export const styles: fc.Arbitrary<Style> = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  quotesAll: fc.boolean(),
  encoding: fc.constantFrom('utf-8', 'utf-8', 'utf-8 with mark', 'utf-16le', 'utf-16be'),
  isPacked: fc.boolean(),
  endsWithLineEnd: fc.boolean(),
  turn: fc.nat({ max: 100 }),
});

/** A written table. */
export interface TableFile {
  readonly path: string;
  readonly name: string;
  /** What has to be said of it. */
  readonly delimiter?: string;
}

/** CSV as of RFC 4180, or with tabs where its name says so. */
export function csvFile(table: GeneratedTable, folder: string, style: Style): TableFile {
  const { delimiter, lineEnd, isPacked, endsWithLineEnd } = style;
  const { columns, rowCount } = table;
  const lines = [
    columns.map(({ name }) => quotedName(name)).join(delimiter),
    ...Array.from({ length: rowCount }, (_, row) =>
      columns.map(({ kind, cells }, column) => csvCell(cells[row]!, kind, table, style, row + column)).join(delimiter),
    ),
  ];
  const name = `table.${delimiter === '\t' ? 'tsv' : 'csv'}${isPacked ? '.gz' : ''}`;
  const text = lines.join(lineEnd) + (endsWithLineEnd ? lineEnd : '');
  const path = join(folder, name);
  writeFileSync(path, packed(encoded(text, style), style));
  // Names and texts that hold other delimiters make the one that is meant hard to see.
  return { path, name, ...(delimiter === '\t' ? {} : { delimiter }) };
}

/** One object a line; keys turn from row to row, and missing ones may be left out behind the first row. */
export function jsonlFile(table: GeneratedTable, folder: string, style: Style): TableFile {
  const { isPacked, turn, endsWithLineEnd } = style;
  const lineEnd = style.lineEnd === '\r' ? '\n' : style.lineEnd;
  const { columns, rowCount } = table;
  const lines = Array.from({ length: rowCount }, (_, row) => {
    const start = row === 0 ? 0 : (row * turn) % columns.length;
    const turned = [...columns.slice(start), ...columns.slice(0, start)];
    const members = turned.flatMap((column) => {
      const cell = column.cells[row]!;
      if (cell.text === null && row > 0 && (row + turn) % 2 === 0) return [];
      return [`${JSON.stringify(column.name)}:${jsonCell(column, cell)}`];
    });
    return `{${members.join(turn % 2 === 0 ? ',' : ' , ')}}`;
  });
  const name = `table.jsonl${isPacked ? '.gz' : ''}`;
  const path = join(folder, name);
  writeFileSync(path, packed(encoded(lines.join(lineEnd) + (endsWithLineEnd ? lineEnd : ''), style), style));
  return { path, name };
}

/** Parquet, written by as many threads of DuckDB. @param copies row groups are large: the rows are repeated so often */
export async function parquetTable(table: GeneratedTable, threads: number): Promise<TableFile> {
  const { columns, rowCount } = table;
  const types = columns.map((column) => sqlType(column));
  const rows = Array.from({ length: rowCount }, (_, row) => {
    const cells = columns.map((column, at) => sqlCell(column.cells[row]!, types[at]!, column));
    return `(${cells.join(', ')})`;
  });
  const names = columns.map(({ name }) => `"${name.replaceAll('"', '""')}"`);
  const path = await parquetFile(`SELECT * FROM (VALUES ${rows.join(', ')}) AS t(${names.join(', ')})`, threads);
  return { path, name: 'table.parquet' };
}

function encoded(text: string, { encoding }: Style): Buffer {
  switch (encoding) {
    case 'utf-8':
      return Buffer.from(text);
    case 'utf-8 with mark':
      return Buffer.from(`\ufeff${text}`);
    case 'utf-16le':
      return Buffer.from(`\ufeff${text}`, 'utf16le');
    case 'utf-16be':
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16();
  }
}

const packed = (bytes: Buffer, { isPacked }: Style): Buffer => (isPacked ? gzipSync(bytes) : bytes);

const QUOTE = /["\n\r,;\t|]/;
const inQuotes = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const quotedName = (name: string): string => (QUOTE.test(name) ? inQuotes(name) : name);

function csvCell(
  { text }: Cell,
  kind: GeneratedColumn['kind'],
  { dialect }: GeneratedTable,
  { delimiter, quotesAll, turn }: Style,
  place: number,
): string {
  if (text === null) {
    const { nulls } = dialect;
    const spelling = nulls[(place + turn) % nulls.length]!;
    return (place * turn) % 3 === 1 ? ` ${spelling} ` : spelling;
  }
  const isSpelling = text.trim() === '' || dialect.nulls.includes(text.trim());
  if (kind === 'text' && (isSpelling || quotesAll)) return inQuotes(text);
  const mustQuote = text.startsWith('"') || /[\n\r]/.test(text) || text.includes(delimiter);
  return mustQuote || (quotesAll && (place + turn) % 2 === 0) ? inQuotes(text) : text;
}

/** Numbers and booleans of JSON's own where the column has them. */
function jsonCell({ kind, isNative }: GeneratedColumn, { text, plain }: Cell): string {
  if (text === null) return 'null';
  return isNative && (kind === 'number' || kind === 'boolean') ? plain! : JSON.stringify(text);
}

function sqlType({ kind, isNative, cells }: GeneratedColumn): string {
  if (!isNative) return 'VARCHAR';
  if (kind === 'number') return 'DOUBLE';
  if (kind === 'boolean') return 'BOOLEAN';
  const texts = cells.flatMap(({ plain }) => (plain === null ? [] : [plain]));
  if (texts.every((text) => text.length === 10)) return 'DATE';
  return texts.every((text) => text.length > 10 && !/[Z+]|\d-\d{4}$/.test(text)) ? 'TIMESTAMP' : 'VARCHAR';
}

function sqlCell({ text, plain }: Cell, type: string, { isNative }: GeneratedColumn): string {
  if (text === null) return `CAST(NULL AS ${type})`;
  const content = isNative && type !== 'VARCHAR' ? plain! : text;
  return `CAST('${content.replaceAll("'", "''")}' AS ${type})`;
}
