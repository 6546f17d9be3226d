/** Writes Parquet from CSV, in a process of its own. */
import { spawn } from 'node:child_process';
import { LockstepError } from '@lockstep/protocol/core';
import { processEntry } from './process-entry.js';

/** Characters of the process's last words that are kept for a message. */
const TAIL_CHARACTERS = 2000;

/** A column of the file to be written. */
export interface ParquetColumn {
  readonly name: string;
  readonly type: 'number' | 'text';
}

/** What is written. */
export interface ParquetRequest {
  /** CSV with a header and commas: nothing is null, `""` the empty text. */
  readonly csvPath: string;
  readonly outPath: string;
  readonly columns: readonly ParquetColumn[];
}

/** Writes a Parquet file; rows keep their order. @throws LockstepError OUTPUT_UNWRITABLE */
export async function writeParquet({ csvPath, outPath, columns }: ParquetRequest): Promise<void> {
  const args = [processEntry('parquet-process'), 'write', csvPath, outPath, JSON.stringify(columns)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  child.stdin.on('error', () => {});
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-TAIL_CHARACTERS);
  });
  const how = await new Promise<string | null>((resolve) => {
    child.once('error', ({ message }) => resolve(`could not be started: ${message}`));
    child.once('close', (code, killed) => resolve(code === 0 ? null : `ended with ${killed ?? `exit code ${code}`}`));
  });
  if (how === null) return;
  const message = `The process that writes Parquet ${how}. ${said.trim().split('\n')[0] ?? ''}`.trim();
  throw new LockstepError('OUTPUT_UNWRITABLE', { message, field: '--out', fix: 'Write CSV or JSON lines instead.' });
}
