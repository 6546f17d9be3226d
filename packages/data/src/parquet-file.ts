/** One Parquet file, read by a process of its own: int64 and decimals digit by digit, dates and booleans as text. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { LockstepError } from '@lockstep/protocol/core';
import type { CsvDialect } from './core/csv-head.js';
import { CellForm, type CsvBlock, CsvScanner } from './core/csv-scanner.js';
import { DUCKDB_MEMORY, MAX_LINE_BYTES } from './limits.js';
import { processEntry } from './process-entry.js';
import { emptyFile, firstBytes, unreadableFile } from './source-file.js';
import type { DataFile, TableFile } from './table-file.js';
import { isGzip } from './text-bytes.js';

/** What Parquet files begin with. */
export const PARQUET_MARK = Buffer.from('PAR1');
const NEWLINE = 0x0a;
const DIALECT: CsvDialect = { delimiter: ',', quote: '"' };
/** Characters of the process's last words that are kept for a message. */
const TAIL_CHARACTERS = 2000;

/** A column as the process that reads it says. */
export interface ReadColumn {
  readonly name: string;
  /** Whether its values are numbers of the file itself. */
  readonly isNumber: boolean;
}

/**
 * Opens a Parquet file.
 * @param memory that DuckDB may use @default 2 GB
 * @throws LockstepError DATA_UNREADABLE, DATA_TOO_LARGE, DATA_PREPARATION_CRASHED
 */
export async function openParquetFile(file: DataFile, memory = DUCKDB_MEMORY): Promise<TableFile> {
  await checkMark(file);
  const reader = new ParquetReader(file, memory);
  try {
    const { columns } = await reader.columns();
    const names = columns.map(({ name }) => name);
    return { name: file.name, columns: names, hasLines: false, blocks: () => readBlocks(file, memory) };
  } finally {
    reader.stop();
  }
}

/** Other formats would be refused in words of Parquet. */
async function checkMark(file: DataFile): Promise<void> {
  const start = await firstBytes(file.path, file.name, PARQUET_MARK.length);
  if (start.length === 0) throw emptyFile(file.name, 'is empty');
  if (start.equals(PARQUET_MARK)) return;
  const isPacked = isGzip(start);
  const fix = isPacked
    ? 'Unpack it: Parquet packs its columns itself.'
    : 'Name it as what it is (.csv, .jsonl), or set data.format; where it is Parquet, write it again.';
  throw unreadableFile(file.name, `is not Parquet: it ${isPacked ? 'is packed with gzip' : 'begins otherwise'}`, fix);
}

async function* readBlocks(file: DataFile, memory: string): AsyncGenerator<CsvBlock> {
  const reader = new ParquetReader(file, memory);
  try {
    const { columns, rest: first } = await reader.columns();
    const numbers = columns.flatMap(({ isNumber }, place) => (isNumber ? [place] : []));
    const scanner = new CsvScanner(DIALECT, columns.length, 1);
    let rowCount = 0;
    let rest = first;
    for (let isLast = false; !isLast; ) {
      const piece = await reader.read();
      isLast = piece === null;
      const bytes = piece === null ? rest : Buffer.concat([rest, piece]);
      const block = scanner.scan(bytes, isLast);
      rest = bytes.subarray(block.consumed);
      if (block.rowCount > 0) yield ofParquet(block, numbers, rowCount);
      rowCount += block.rowCount;
      if (rest.length > MAX_LINE_BYTES) {
        throw unreadableFile(file.name, `has a row of more than ${MAX_LINE_BYTES} bytes`, 'Leave long columns out.');
      }
    }
  } finally {
    reader.stop();
  }
}

/** Numbers are those of the file, and a row is found by its number, whatever lines its texts have. */
function ofParquet(block: CsvBlock, numbers: readonly number[], firstRow: number): CsvBlock {
  const { width, forms, starts, ends } = block;
  for (let row = 0; row < block.rowCount; row++) {
    for (const place of numbers) {
      const cell = row * width + place;
      if (starts[cell] !== ends[cell]) forms[cell] = CellForm.native;
    }
  }
  return { ...block, lines: block.lines.map((_, row) => firstRow + row + 1) };
}

/** The process and what it writes. */
class ParquetReader {
  readonly #file: DataFile;
  readonly #memory: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #ended: Promise<string | null>;
  #tail = '';

  constructor(file: DataFile, memory: string) {
    this.#file = file;
    this.#memory = memory;
    this.#child = spawn(process.execPath, [processEntry('parquet-process'), 'read', file.path, memory], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#tail = (this.#tail + text).slice(-TAIL_CHARACTERS);
    });
    this.#pieces = this.#child.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', ({ message }) => resolve(`could not be started: ${message}`));
      this.#child.once('close', (code, killed) => {
        resolve(killed ? `was killed by ${killed}` : code === 0 ? null : `ended with exit code ${code}`);
      });
    });
  }

  /** The columns, and what was read behind them. */
  async columns(): Promise<{ readonly columns: readonly ReadColumn[]; readonly rest: Buffer }> {
    let bytes: Buffer = Buffer.alloc(0);
    for (;;) {
      const at = bytes.indexOf(NEWLINE);
      if (at >= 0) {
        return { columns: JSON.parse(bytes.toString('utf8', 0, at)) as ReadColumn[], rest: bytes.subarray(at + 1) };
      }
      const piece = await this.read();
      if (piece === null) throw new Error('the process that reads Parquet wrote nothing');
      bytes = Buffer.concat([bytes, piece]);
    }
  }

  /** The next bytes; null at the end. @throws LockstepError where the process failed */
  async read(): Promise<Buffer | null> {
    const { done, value } = await this.#pieces.next();
    if (!done) return value;
    const how = await this.#ended;
    if (how === null) return null;
    throw readingError(this.#file.name, how, this.#memory, this.#tail.replaceAll(this.#file.path, this.#file.name));
  }

  stop(): void {
    this.#child.kill('SIGKILL');
    this.#child.stdout.destroy();
  }
}

function readingError(fileName: string, how: string, memory: string, said: string): LockstepError {
  const place = { field: 'data.path', value: fileName };
  if (/out of memory/i.test(said) || how.endsWith('SIGKILL')) {
    return new LockstepError('DATA_TOO_LARGE', {
      ...place,
      message: `${fileName} takes more memory to read than there is, or than the limit of ${memory}.`,
      fix: 'Write it with smaller row groups, and leave columns of long texts out.',
    });
  }
  const words = said.trim().split('\n')[0] ?? '';
  if (/^Error: /.test(words)) {
    const shown = words.replace(/^Error: (?:[A-Za-z ]+ Error: )?/, '').slice(0, 300);
    return unreadableFile(fileName, `cannot be read as Parquet: ${shown}`, 'Check the file, or write it again.');
  }
  const message = `The process that reads ${fileName} ${how}. ${words}`.trim();
  return new LockstepError('DATA_PREPARATION_CRASHED', { ...place, message });
}
