/** Reads CSV through DuckDB as text; the only place with SQL. */
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { DuckDBConnection, DuckDBDataChunk } from '@duckdb/node-api';
import { LockstepError } from '@lockstep/protocol/core';
import { checkHeader } from '../columns.js';
import { DUCKDB_MEMORY } from '../limits.js';
import { lineOfRow } from '../line-of-row.js';
import { type FileHead, readHead } from '../source-file.js';
import { allRows, type TableChunk, type TableSource } from '../table-source.js';
import { textChunk } from '../text-chunk.js';
import { type UnreadableFile, unreadableCsv } from './csv-error.js';

/** How a CSV file is read. */
export interface CsvOptions {
  readonly path: string;
  /** Name of the file in messages. */
  readonly fileName: string;
  /** Spellings of a missing value in unquoted cells; a cell of nothing or of blanks, quoted or not, always is one. */
  readonly nulls: readonly string[];
}

const BLANK = 0x20;
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** DuckDB takes these in a path for patterns. */
const literalPath = (path: string): string => path.replaceAll(/[*?[]/g, '[$&]');

/** Opens a CSV file and checks its header. @throws LockstepError DATA_NOT_FOUND, DATA_EMPTY, DATA_UNREADABLE, DATA_VALUE */
export async function openCsv(options: CsvOptions): Promise<TableSource> {
  const path = resolve(options.path);
  const head = await readHead(path, options.fileName);
  checkHeader(head.names, options.fileName);
  const connection = await connect(path);
  const sql = tableSql(path, head, options.nulls);
  const lineOfRecord = (record: number): number => lineOfRow(path, head.delimiter, record - 2, false) ?? record;
  const skipsBlank = head.names.length > 1;
  const file = { path, fileName: options.fileName, columnCount: head.names.length, lineOfRecord };
  return {
    columns: head.names,
    chunks: () => streamChunks(connection, sql, file),
    rows: () => allRows(streamChunks(connection, sql, file), head.names.length),
    lineOf: (row) => `line ${lineOfRow(path, head.delimiter, row, skipsBlank) ?? row + 2}`,
    warnings: [],
    close: () => connection.closeSync(),
  };
}

/** Loads DuckDB when it is first needed, and as the CommonJS that it is: `import()` takes three times as long. */
function loadDuckdb(): typeof import('@duckdb/node-api') {
  return createRequire(import.meta.url)('@duckdb/node-api');
}

/** One thread keeps rows in file order; nothing but the file can be reached. */
async function connect(path: string): Promise<DuckDBConnection> {
  const { DuckDBInstance } = loadDuckdb();
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: DUCKDB_MEMORY });
  const connection = await instance.connect();
  await connection.run(`SET allowed_paths=[${quoted(path)}, ${quoted(literalPath(path))}]`);
  await connection.run('SET enable_external_access=false');
  await connection.run('SET lock_configuration=true');
  // An instance lives as long as its connections.
  instance.closeSync();
  return connection;
}

function tableSql(path: string, { delimiter, names }: FileHead, nulls: readonly string[]): string {
  const columns = names.map((_, index) => `'c${index}': 'VARCHAR'`).join(', ');
  const dialect = `delim=${quoted(delimiter)}, quote='"', escape='"', strict_mode=true, null_padding=false`;
  // A spelling given twice makes DuckDB yield a blank line of a one-column file twice.
  const missing = `nullstr=[${[...new Set(['', ...nulls])].map(quoted).join(', ')}], allow_quoted_nulls=false`;
  const options = `auto_detect=false, compression='none', header=true, columns={${columns}}, ${dialect}, ${missing}`;
  return `SELECT * FROM read_csv(${quoted(literalPath(path))}, ${options})`;
}

async function* streamChunks(
  connection: DuckDBConnection,
  sql: string,
  file: UnreadableFile,
): AsyncGenerator<TableChunk> {
  try {
    const result = await connection.stream(sql);
    for (;;) {
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return;
      yield toChunk(chunk);
    }
  } catch (thrown) {
    throw thrown instanceof LockstepError ? thrown : unreadableCsv(file, thrown);
  }
}

function isBlank(cell: string): boolean {
  return cell === '' || (cell.charCodeAt(0) <= BLANK && cell.trim() === '');
}

/** Column by column: DuckDB's own row readers call into native code for every row. */
function toChunk(chunk: DuckDBDataChunk): TableChunk {
  const { rowCount, columnCount } = chunk;
  const columns = Array.from({ length: columnCount }, (_, column) => {
    const cells = chunk.getColumnVector(column);
    return Array.from({ length: rowCount }, (_, row) => {
      const cell = cells.getItem(row);
      return typeof cell === 'string' && !isBlank(cell) ? cell : null;
    });
  });
  return textChunk(rowCount, columns);
}
