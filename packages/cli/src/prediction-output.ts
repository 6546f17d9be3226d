/** Where predictions go and how: the ending of `--out` says the format. */
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type ParquetColumn, writeParquet } from '@lockstep/data';
import { makeOwnedFolder } from './local/owned-folder.js';
import { writeOutputFile } from './output-file.js';
import { csvFormat, JSON_LINES, type PredictionFormat } from './prediction-format.js';

/** How predictions are written. */
export interface PredictionOutput {
  readonly format: PredictionFormat;
  /** Writes lines of the format into the file. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
  write(path: string, lines: AsyncIterable<string>, columns: readonly ParquetColumn[]): Promise<void>;
}

/** The output for a path: `.jsonl`, `.tsv`, `.parquet`, each text also packed as `.gz`; CSV for any other. */
export function predictionOutput(path: string | null, nulls: readonly string[]): PredictionOutput {
  const [, ending = '', packed] = /\.([a-z]+)(\.gz)?$/i.exec(path ?? '') ?? [];
  const write = packed ? writePacked : writeText;
  switch (ending.toLowerCase()) {
    case 'jsonl':
    case 'ndjson':
      return { format: JSON_LINES, write };
    case 'tsv':
      return { format: csvFormat('\t', nulls), write };
    case 'parquet':
      return { format: csvFormat(',', ['']), write: writeAsParquet };
    default:
      return { format: csvFormat(',', nulls), write };
  }
}

function writeText(path: string, lines: AsyncIterable<string>): Promise<void> {
  return writeOutputFile(path, encoded(lines));
}

function writePacked(path: string, lines: AsyncIterable<string>): Promise<void> {
  return writeOutputFile(path, packed(lines));
}

/** Nothing is read before somebody waits for it: an error that comes earlier would find nobody. */
async function* packed(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  const gzip = createGzip();
  const text = Readable.from(encoded(lines)).on('error', (thrown) => gzip.destroy(thrown));
  yield* text.pipe(gzip);
}

async function writeAsParquet(
  path: string,
  lines: AsyncIterable<string>,
  columns: readonly ParquetColumn[],
): Promise<void> {
  const folder = await makeOwnedFolder('predictions');
  try {
    const [text, parquet] = [join(folder, 'rows.csv'), join(folder, 'rows.parquet')];
    const file = await open(text, 'w');
    try {
      for await (const line of lines) await file.writeFile(line);
    } finally {
      await file.close();
    }
    await writeParquet({ csvPath: text, outPath: parquet, columns });
    await writeOutputFile(path, createReadStream(parquet));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function* encoded(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of lines) yield Buffer.from(text);
}
