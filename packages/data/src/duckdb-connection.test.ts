/** What SQL could reach if somebody managed to give some to DuckDB. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { connectDuckDb, quoted } from './duckdb-connection.js';

it('A13 a database reaches its files and nothing else, and cannot be told to', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-duckdb-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  writeFileSync(path('own.csv'), 'a\n7\n');
  writeFileSync(path('other.csv'), 'a\nsecret\n');
  const connection = await connectDuckDb([path('own.csv')], '256MiB');
  const own = await connection.runAndReadAll(`SELECT a FROM read_csv(${quoted(path('own.csv'))})`);
  expect(own.getRows()).toEqual([[7n]]);
  const attempts = [
    `SELECT * FROM read_csv(${quoted(path('other.csv'))})`,
    `SELECT * FROM read_text(${quoted(path('other.csv'))})`,
    `SELECT * FROM glob(${quoted(path('*'))})`,
    `COPY (SELECT 1) TO ${quoted(path('written.csv'))}`,
    `ATTACH ${quoted(path('written.db'))}`,
    "SELECT * FROM read_csv('http://127.0.0.1:9/a.csv')",
    'INSTALL httpfs',
    "LOAD '/nowhere/evil.duckdb_extension'",
    'SET enable_external_access=true',
    "SET allowed_paths=['/etc/hostname']",
    "SET memory_limit='100GiB'",
  ];
  for (const sql of attempts) {
    const refused = await connection.run(sql).then(
      () => '',
      (thrown: unknown) => String(thrown),
    );
    expect(refused, sql).toMatch(/[Pp]ermission|disabled|locked|Cannot change|external access/);
  }
  expect([path('written.csv'), path('written.db')].filter((made) => existsSync(made))).toEqual([]);
});
