/** Parquet files for tests, and the process that reads them. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './tables.js';

const folder = fileURLToPath(new URL('../..', import.meta.url));

/** Compiles this package where it was never built: its processes run compiled code. */
export function buildProcesses(): void {
  if (existsSync(`${folder}/dist/parquet-process.js`) && existsSync(`${folder}/dist/prepare-process.js`)) return;
  execFileSync('npx', ['tsc', '-b', folder], { stdio: 'inherit' });
}

/** Writes what a query gives as Parquet. @returns its path */
export async function parquetFile(query: string, threads = 1): Promise<string> {
  const { DuckDBInstance }: typeof import('@duckdb/node-api') = createRequire(import.meta.url)('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:', { threads: String(threads) })).connect();
  const path = join(temporaryFolder(), 'data.parquet');
  await connection.run(`COPY (${query}) TO '${path}' (ROW_GROUP_SIZE 2048)`);
  connection.closeSync();
  return path;
}
