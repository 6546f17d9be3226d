/** DuckDB as it is used here: behind walls, in the process that reads or writes one file. */
import { createRequire } from 'node:module';
import type { DuckDBConnection } from '@duckdb/node-api';

/** A text in SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
/** A path in SQL, in which DuckDB would take these for patterns. */
export const literalPath = (path: string): string => path.replaceAll(/[*?[]/g, '[$&]');

/**
 * A database in memory that reaches nothing but some files: no other path, no network, no extension, and no way to ask
 * for more. One thread keeps rows in file order.
 * @param memory DuckDB's bound, for example '1GiB'
 */
export async function connectDuckDb(paths: readonly string[], memory: string): Promise<DuckDBConnection> {
  // As the CommonJS that it is: `import()` takes three times as long.
  const { DuckDBInstance }: typeof import('@duckdb/node-api') = createRequire(import.meta.url)('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: memory });
  const connection = await instance.connect();
  await connection.run("SET TimeZone='UTC'");
  const allowed = paths.flatMap((path) => [quoted(path), quoted(literalPath(path))]);
  await connection.run(`SET allowed_paths=[${allowed.join(', ')}]`);
  await connection.run('SET enable_external_access=false');
  await connection.run('SET lock_configuration=true');
  return connection;
}
