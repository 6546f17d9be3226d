/** One CSV file: its header, its delimiter, and its records block by block. */
import { isUtf8 } from 'node:buffer';
import { type CsvDialect, possibleDelimiters, readRecord, separatorLine } from './core/csv-head.js';
import { type CsvBlock, CsvScanner } from './core/csv-scanner.js';
import { HEAD_BYTES, MAX_LINE_BYTES } from './limits.js';
import { emptyFile, unreadableFile } from './source-file.js';
import type { DataFile, ReadingOptions, TableFile } from './table-file.js';
import { firstNonUtf8, readTextBytes, type TextFile, textFile, wrongByte } from './text-bytes.js';

/** No header begins so. */
const JSON_START = /^\s*(?:\{\s*"|\[\s*[[{])/;

/** What the head of a file says. */
interface CsvHead {
  readonly dialect: CsvDialect;
  /** Cells of the header, as they stand. */
  readonly columns: readonly string[];
  /** Bytes and lines before the first row. */
  readonly bytes: number;
  readonly lines: number;
}

/** Opens a CSV file. @throws LockstepError DATA_EMPTY, DATA_UNREADABLE */
export async function openCsvFile(file: DataFile, options: ReadingOptions): Promise<TableFile> {
  const text = textFile(file, options);
  const head = readHead(await startOf(text), file.name, options);
  return { name: file.name, columns: head.columns, hasLines: true, blocks: () => readBlocks(text, head) };
}

async function startOf(text: TextFile): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of readTextBytes(text)) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes >= HEAD_BYTES) break;
  }
  return Buffer.concat(pieces);
}

function readHead(start: Buffer, fileName: string, { delimiter: given, quote = '"' }: ReadingOptions): CsvHead {
  if (start.length === 0) throw emptyFile(fileName, 'is empty');
  if (start.includes(0)) {
    const fix = 'Save it as CSV in UTF-8; where it is UTF-16 without a byte order mark, set data.encoding: utf-16.';
    throw unreadableFile(fileName, 'holds binary data, not text in UTF-8', fix);
  }
  const text = start.toString('utf8');
  if (JSON_START.test(text)) {
    const fix = 'Name it .jsonl, or set data.format: jsonl; it has to have one object per line.';
    throw unreadableFile(fileName, 'holds JSON, not CSV', fix);
  }
  if (text.trim() === '') throw emptyFile(fileName, 'holds nothing but blanks');
  const said = separatorLine(text);
  const from = said?.end ?? 0;
  const body = text.slice(from);
  if (/^[ \t]*[\r\n]/.test(body)) {
    throw unreadableFile(fileName, 'starts with a blank line', 'Make the header the first line.');
  }
  const dialect = { delimiter: given ?? said?.delimiter ?? theDelimiter(body, fileName, quote), quote };
  const header = readRecord(body, dialect);
  if (!header) {
    throw unreadableFile(fileName, 'has a header (line 1) whose quotes do not come in pairs', 'Mend the quotes.');
  }
  const headText = text.slice(0, from + header.end);
  // A byte that is no UTF-8 became a replacement character: count the bytes as they are.
  const isWhole = isUtf8(start.subarray(0, Buffer.byteLength(headText)));
  if (!isWhole) throw notUtf8(fileName, 1, start);
  return {
    dialect,
    columns: header.fields,
    bytes: Buffer.byteLength(headText),
    lines: headText.split(/\r\n|\n|\r/).length - 1,
  };
}

function theDelimiter(text: string, fileName: string, quote: string): string {
  const [delimiter, another] = possibleDelimiters(text, quote);
  if (!another) return delimiter ?? ',';
  throw unreadableFile(
    fileName,
    `can be cut at ${JSON.stringify(delimiter)} and at ${JSON.stringify(another)}: line 1 holds both`,
    `Set data.delimiter, or put column names that hold a delimiter in double quotes.`,
  );
}

async function* readBlocks(text: TextFile, head: CsvHead): AsyncGenerator<CsvBlock> {
  const scanner = new CsvScanner(head.dialect, head.columns.length, head.lines + 1);
  let skip = head.bytes;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of readTextBytes(text)) {
    const fresh = skip === 0 ? piece : piece.subarray(Math.min(skip, piece.length));
    skip -= Math.min(skip, piece.length);
    const bytes = rest.length === 0 ? fresh : Buffer.concat([rest, fresh]);
    const block = scanBlock(scanner, bytes, false, text.fileName);
    rest = bytes.subarray(block.consumed);
    if (block.rowCount > 0 || block.bad.length > 0) yield block;
    if (rest.length > MAX_LINE_BYTES) throw tooLong(text.fileName, scanner.line, block.isOpen);
  }
  const last = scanBlock(scanner, rest, true, text.fileName);
  if (last.rowCount > 0 || last.bad.length > 0) yield last;
  if (last.isOpen) throw openQuote(text.fileName, scanner.line);
}

function scanBlock(scanner: CsvScanner, bytes: Buffer, isLast: boolean, fileName: string): CsvBlock {
  const line = scanner.line;
  const block = scanner.scan(bytes, isLast);
  const whole = bytes.subarray(0, isLast ? bytes.length : block.consumed);
  if (!isUtf8(whole)) throw notUtf8(fileName, line, whole);
  return block;
}

function tooLong(fileName: string, line: number, isOpen: boolean): Error {
  if (isOpen) return openQuote(fileName, line);
  const fix = 'Look for a missing line end, or leave the long column out.';
  return unreadableFile(fileName, `is longer than ${MAX_LINE_BYTES} bytes`, fix, undefined, line);
}

function openQuote(fileName: string, line: number): Error {
  const fix =
    'Close it, and write a quote inside a quoted cell as two: "". Where quotes are mere characters, set data.quote: "".';
  const what = `has a quote that is not closed within ${MAX_LINE_BYTES} bytes or before the end of the file`;
  return unreadableFile(fileName, what, fix, undefined, line);
}

/** @param line 1-based line of the first byte */
function notUtf8(fileName: string, line: number, bytes: Buffer): Error {
  const at = firstNonUtf8(bytes);
  const { what, fix, lines } = wrongByte(bytes, at);
  return unreadableFile(fileName, what, fix, undefined, line + lines);
}
