/** One file of JSON objects, one a line: numbers as they are spelled, columns from the keys of every line. */
import { isUtf8 } from 'node:buffer';
import { BlockBuilder } from './core/block-builder.js';
import type { CsvBlock } from './core/csv-scanner.js';
import { cellsOf, parseLine } from './core/json-line.js';
import { MAX_COLUMNS, MAX_LINE_BYTES } from './limits.js';
import { emptyFile, unreadableFile } from './source-file.js';
import type { DataFile, ReadingOptions, TableFile } from './table-file.js';
import { firstNonUtf8, readTextBytes, textFile, wrongByte } from './text-bytes.js';

const NEWLINE = 0x0a;
/** Bytes of cells in a block. */
const BLOCK_BYTES = 1 << 18;

/** Opens a file of JSON lines; reads it once for its keys. @throws LockstepError DATA_EMPTY, DATA_UNREADABLE */
export async function openJsonlFile(file: DataFile, options: ReadingOptions): Promise<TableFile> {
  const keys = new Set<string>();
  let lines = 0;
  let objects = 0;
  let firstFault = '';
  for await (const { text, line } of readLines(file, options)) {
    if (lines++ === 0 && text.startsWith('[')) throw oneArray(file.name);
    const { object, fault } = parseLine(text);
    if (object) objects++;
    else firstFault ||= `line ${line} ${fault}`;
    for (const key of Object.keys(object ?? {})) keys.add(key);
    if (keys.size > MAX_COLUMNS) break;
  }
  if (lines === 0) throw emptyFile(file.name, 'is empty');
  if (objects === 0) {
    const fix = 'Write one object per line, or set data.format where the file has another format.';
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
  for await (const { text, line } of readLines(file, options)) {
    const { object, fault } = parseLine(text);
    if (object) builder.addRow(cellsOf(object, columns), line);
    else builder.addBad({ kind: 'json', what: fault }, text, line);
    if (builder.bytes < BLOCK_BYTES) continue;
    yield builder.finish();
    builder = new BlockBuilder(columns.length);
  }
  yield builder.finish();
}

interface Line {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
}

/** Lines that hold more than blanks. */
async function* readLines(file: DataFile, options: ReadingOptions): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let line = 0;
  const textOf = (bytes: Buffer): string => {
    if (!isUtf8(bytes)) {
      const { what, fix } = wrongByte(bytes, firstNonUtf8(bytes));
      throw unreadableFile(file.name, what, fix, undefined, line);
    }
    return bytes.toString('utf8').trim();
  };
  for await (const piece of readTextBytes(textFile(file, options))) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    let from = 0;
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, from)) {
      line++;
      const text = textOf(bytes.subarray(from, at));
      from = at + 1;
      if (text !== '') yield { text, line };
    }
    rest = bytes.subarray(from);
    if (rest.length > MAX_LINE_BYTES) {
      const fix = 'Write one object per line, and leave long texts out.';
      throw unreadableFile(file.name, `is longer than ${MAX_LINE_BYTES} bytes`, fix, undefined, line + 1);
    }
  }
  line++;
  const text = textOf(rest);
  if (text !== '') yield { text, line };
}

function oneArray(fileName: string): Error {
  const fix = "Write one object per line, for example with jq -c '.[]'.";
  return unreadableFile(fileName, 'is one array of JSON, not an object per line', fix);
}
