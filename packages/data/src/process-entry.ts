/** Where the code of a process of our own lies. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The compiled entry; sources run from `src` beside `dist`, which only a build has. */
export function processEntry(name: 'prepare-process' | 'parquet-process'): string {
  const beside = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  return existsSync(beside) ? beside : fileURLToPath(new URL(`../dist/${name}.js`, import.meta.url));
}
