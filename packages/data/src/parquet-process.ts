/**
 * Entry of the process that reads or writes one Parquet file through DuckDB: a crash there is an error here.
 * `read PATH MEMORY` writes one line of JSON with the columns, then rows as CSV, text in quotes and nulls as nothing.
 * `write CSV PATH COLUMNS` goes the other way.
 */
import { once } from 'node:events';
import type { DuckDBConnection } from '@duckdb/node-api';
import { connectDuckDb, literalPath, quoted } from './duckdb-connection.js';
import { DUCKDB_MEMORY, MAX_LINE_BYTES } from './limits.js';
import type { ReadColumn } from './parquet-file.js';
import type { ParquetColumn } from './write-parquet.js';

/** Types whose values are numbers. */
const NUMBER_TYPES = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL)(\(.*\))?$/;
const FLOAT_TYPES = /^(FLOAT|DOUBLE)$/;
/** Other types whose values are written without quotes. */
const PLAIN_TYPES = /^(BOOLEAN|DATE|TIME|TIMESTAMP)(_\w+| WITH TIME ZONE)?$/;
/** Where whole numbers of float64 begin to have gaps. */
const FIRST_GAP = 2 ** 53;

interface Column {
  readonly name: string;
  readonly type: string;
}

const named = (text: string): string => `"${text.replaceAll('"', '""')}"`;
async function columnsOf(connection: DuckDBConnection, file: string): Promise<Column[]> {
  const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet(${file})`);
  const columns = described.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }));
  const schema = await connection.runAndReadAll(`SELECT name FROM parquet_schema(${file})`);
  const own = new Set(schema.getRows().map(([name]) => String(name)));
  const renamed = columns.find(({ name }) => !own.has(name));
  if (renamed)
    throw new Error(`two columns have one name, or differ only in case: ${renamed.name.replace(/_\d+$/, '')}`);
  return columns;
}

function cellSql({ name, type }: Column): string {
  const text = `CAST(${named(name)} AS VARCHAR)`;
  if (FLOAT_TYPES.test(type)) return `coalesce(${floatSql(named(name), text)}, '')`;
  const isPlain = NUMBER_TYPES.test(type) || PLAIN_TYPES.test(type);
  return `coalesce(${isPlain ? text : `'"' || replace(${text}, '"', '""') || '"'`}, '')`;
}

/**
 * NaN is missing, whatever its sign bit. What is beyond 2^53 gets an exponent: it is the number that the file holds,
 * while so many digits in a text were more than float64 takes.
 */
function floatSql(column: string, text: string): string {
  const large = `regexp_replace(${text}, '\\.0$', 'e0')`;
  return `CASE WHEN isnan(${column}) THEN NULL WHEN abs(${column}) >= ${FIRST_GAP} THEN ${large} ELSE ${text} END`;
}

async function writeRows(path: string, memory: string): Promise<void> {
  const file = quoted(literalPath(path));
  const connection = await connectDuckDb([path], memory);
  const columns = await columnsOf(connection, file);
  const write = async (text: string): Promise<void> => {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  };
  const read = columns.map(({ name, type }): ReadColumn => ({ name, isNumber: NUMBER_TYPES.test(type) }));
  await write(`${JSON.stringify(read)}\n`);
  const line = columns.map(cellSql).join(` || ',' || `);
  const result = await connection.stream(`SELECT ${line} FROM read_parquet(${file})`);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    const lines = chunk.getColumnVector(0);
    let text = '';
    for (let row = 0; row < chunk.rowCount; row++) text += `${String(lines.getItem(row))}\n`;
    await write(text);
  }
}

async function writeFile(csv: string, out: string, columns: readonly ParquetColumn[]): Promise<void> {
  const connection = await connectDuckDb([csv, out], DUCKDB_MEMORY);
  const types = columns.map(({ name, type }) => `${quoted(name)}: '${type === 'number' ? 'DOUBLE' : 'VARCHAR'}'`);
  const dialect = `auto_detect=false, header=true, delim=',', quote='"', escape='"', strict_mode=true`;
  const missing = `nullstr='', allow_quoted_nulls=false, max_line_size=${MAX_LINE_BYTES * 2}`;
  const rows = `read_csv(${quoted(literalPath(csv))}, columns={${types.join(', ')}}, ${dialect}, ${missing})`;
  await connection.run(`COPY (SELECT * FROM ${rows}) TO ${quoted(out)} (FORMAT parquet)`);
}

function run([mode, ...args]: readonly string[]): Promise<void> {
  if (mode === 'read') return writeRows(args[0]!, args[1]!);
  return writeFile(args[0]!, args[1]!, JSON.parse(args[2]!) as ParquetColumn[]);
}

// Whoever reads has gone.
process.stdout.on('error', () => process.exit(1));
process.stdin.on('end', () => process.exit(1)).resume();
run(process.argv.slice(2)).then(
  () => process.exit(0),
  (thrown: unknown) => process.stderr.write(String(thrown), () => process.exit(1)),
);
