/** One Parquet file, read by a process of its own: int64 and decimals digit by digit, dates and booleans as text. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { LockstepError } from '@lockstep/protocol/core';
import { type CsvBlock, CsvScanner } from './core/csv-scanner.js';
import { DUCKDB_MEMORY, MAX_LINE_BYTES } from './limits.js';
import { processEntry } from './process-entry.js';
import { unreadableFile } from './source-file.js';
import type { DataFile, TableFile } from './table-file.js';

const NEWLINE = 0x0a;
const COMMA = 0x2c;
/** Characters of the process's last words that are kept for a message. */
const TAIL_CHARACTERS = 2000;

/** Opens a Parquet file. @throws LockstepError DATA_UNREADABLE, DATA_TOO_LARGE, DATA_PREPARATION_CRASHED */
export async function openParquetFile(file: DataFile): Promise<TableFile> {
  const reader = new ParquetReader(file);
  try {
    const { columns } = await reader.columns();
    return { name: file.name, columns, hasLines: false, blocks: () => readBlocks(file) };
  } finally {
    reader.stop();
  }
}

async function* readBlocks(file: DataFile): AsyncGenerator<CsvBlock> {
  const reader = new ParquetReader(file);
  try {
    const { columns, rest: first } = await reader.columns();
    const scanner = new CsvScanner(COMMA, columns.length, 1);
    let rest = first;
    for (let isLast = false; !isLast; ) {
      const piece = await reader.read();
      isLast = piece === null;
      const bytes = piece === null ? rest : Buffer.concat([rest, piece]);
      const block = scanner.scan(bytes, isLast);
      rest = bytes.subarray(block.consumed);
      if (block.rowCount > 0) yield block;
      if (rest.length > MAX_LINE_BYTES) {
        throw unreadableFile(file.name, `has a row of more than ${MAX_LINE_BYTES} bytes`, 'Leave long columns out.');
      }
    }
  } finally {
    reader.stop();
  }
}

/** The process and what it writes. */
class ParquetReader {
  readonly #file: DataFile;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #ended: Promise<string | null>;
  #tail = '';

  constructor(file: DataFile) {
    this.#file = file;
    this.#child = spawn(process.execPath, [processEntry('parquet-process'), 'read', file.path], {
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

  /** The names of the columns, and what was read behind them. */
  async columns(): Promise<{ readonly columns: readonly string[]; readonly rest: Buffer }> {
    let bytes: Buffer = Buffer.alloc(0);
    for (;;) {
      const at = bytes.indexOf(NEWLINE);
      if (at >= 0) {
        return { columns: JSON.parse(bytes.toString('utf8', 0, at)) as string[], rest: bytes.subarray(at + 1) };
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
    throw readingError(this.#file.name, how, this.#tail.replaceAll(this.#file.path, this.#file.name));
  }

  stop(): void {
    this.#child.kill('SIGKILL');
    this.#child.stdout.destroy();
  }
}

function readingError(fileName: string, how: string, said: string): LockstepError {
  const place = { field: 'data.path', value: fileName };
  if (/out of memory/i.test(said) || how.endsWith('SIGKILL')) {
    return new LockstepError('DATA_TOO_LARGE', {
      ...place,
      message: `${fileName} takes more memory to read than there is, or than the limit of ${DUCKDB_MEMORY}.`,
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
