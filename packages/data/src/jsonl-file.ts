/** One file of JSON objects, one a line or all in one array: numbers as they are spelled, columns from the keys of all. */
import { isUtf8 } from 'node:buffer';
import { BlockBuilder } from './core/block-builder.js';
import type { CsvBlock } from './core/csv-scanner.js';
import { ArrayElements } from './core/json-array.js';
import { cellsOf, parseLine } from './core/json-line.js';
import { MAX_COLUMNS, MAX_LINE_BYTES } from './limits.js';
import { emptyFile, unreadableFile } from './source-file.js';
import type { DataFile, ReadingOptions, TableFile } from './table-file.js';
import { firstNonUtf8, readTextBytes, textFile, wrongByte } from './text-bytes.js';

const NEWLINE = 0x0a;
/** What one array of objects begins with. */
const ARRAY = 0x5b;
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
/** Bytes of cells in a block. */
const BLOCK_BYTES = 1 << 18;

/** Opens a file of JSON; reads it once for its keys. @throws LockstepError DATA_EMPTY, DATA_UNREADABLE */
export async function openJsonlFile(file: DataFile, options: ReadingOptions): Promise<TableFile> {
  const keys = new Set<string>();
  let lines = 0;
  let objects = 0;
  let firstFault = '';
  for await (const { text, line } of readObjects(file, options)) {
    lines++;
    const { object, fault } = parseLine(text);
    if (object) objects++;
    else firstFault ||= `line ${line} ${fault}`;
    for (const key of Object.keys(object ?? {})) keys.add(key);
    if (keys.size > MAX_COLUMNS) break;
  }
  if (lines === 0) throw emptyFile(file.name, 'is empty');
  if (objects === 0) {
    const fix =
      'Write one object per line or one array of objects, or set data.format where the file has another format.';
    throw unreadableFile(file.name, `has no line that is an object of JSON: ${firstFault}`, fix);
  }
  if (keys.size === 0) throw emptyFile(file.name, 'has objects without keys');
  const columns = [...keys];
  return { name: file.name, columns, hasLines: true, blocks: () => readBlocks(file, options, columns) };
}

async function* readBlocks(
  file: DataFile,
  options: ReadingOptions,
  columns: readonly string[],
): AsyncGenerator<CsvBlock> {
  let builder = new BlockBuilder(columns.length);
  for await (const { text, line } of readObjects(file, options)) {
    const { object, fault } = parseLine(text);
    if (object) builder.addRow(cellsOf(object, columns), line);
    else builder.addBad({ kind: 'json', what: fault }, text, line);
    if (builder.bytes < BLOCK_BYTES) continue;
    yield builder.finish();
    builder = new BlockBuilder(columns.length);
  }
  yield builder.finish();
}

/** The text of an object. */
interface Line {
  readonly text: string;
  /** On which it begins, 1-based. */
  readonly line: number;
}

/** Objects of a file, as they are written. */
async function* readObjects(file: DataFile, options: ReadingOptions): AsyncGenerator<Line> {
  const { first, pieces } = await begun(readTextBytes(textFile(file, options)));
  yield* first === ARRAY ? readArray(file, pieces) : readLines(file, pieces);
}

/** The first byte of a text that is no blank, and all pieces of it. */
async function begun(
  text: AsyncGenerator<Buffer>,
): Promise<{ first: number | undefined; pieces: AsyncIterable<Buffer> }> {
  const start: Buffer[] = [];
  let first: number | undefined;
  while (first === undefined) {
    const { done, value } = await text.next();
    if (done) break;
    start.push(value);
    first = value.find((byte) => !BLANKS.has(byte));
  }
  async function* pieces(): AsyncGenerator<Buffer> {
    yield* start;
    yield* text;
  }
  return { first, pieces: pieces() };
}

/** Elements of one array. */
async function* readArray(file: DataFile, pieces: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  const elements = new ArrayElements();
  try {
    for await (const piece of pieces) {
      for (const { bytes, line } of elements.add(piece)) yield { text: textOf(file, bytes, line), line };
      if (elements.pendingBytes > MAX_LINE_BYTES) throw tooLong(file, elements.line);
    }
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    throw unreadableFile(file.name, thrown.message, 'Write one array of objects.', thrown, elements.line);
  }
  if (elements.isWhole) return;
  throw unreadableFile(file.name, 'ends within its array of JSON', 'Write it whole.', undefined, elements.line);
}

/** Lines that hold more than blanks. */
async function* readLines(file: DataFile, pieces: AsyncIterable<Buffer>): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  for await (const piece of pieces) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      line++;
      const text = textOf(file, bytes.subarray(from, at), line);
      from = at + 1;
      if (text !== '') yield { text, line };
    }
    rest = bytes.subarray(from);
    if (rest.length > MAX_LINE_BYTES) throw tooLong(file, line + 1);
  }
  line++;
  const text = textOf(file, rest, line);
  if (text !== '') yield { text, line };
}

/** @param line that messages name */
function textOf({ name }: DataFile, bytes: Buffer, line: number): string {
  if (!isUtf8(bytes)) {
    const { what, fix } = wrongByte(bytes, firstNonUtf8(bytes));
    throw unreadableFile(name, what, fix, undefined, line);
  }
  return bytes.toString('utf8').trim();
}

function tooLong({ name }: DataFile, line: number): Error {
  const fix = 'Write one object per line, and leave long texts out.';
  return unreadableFile(name, `is longer than ${MAX_LINE_BYTES} bytes`, fix, undefined, line);
}
