/** Where predictions go and how: the ending of `--out` says the format. */
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type ParquetColumn, writeParquet } from '@lockstep/data';
import { LockstepError } from '@lockstep/protocol/core';
import { makeOwnedFolder } from './local/owned-folder.js';
import { isStream, writeOutputFile } from './output-file.js';
import { csvFormat, JSON_ARRAY, JSON_LINES, type PredictionFormat } from './prediction-format.js';

/** How predictions are written. */
export interface PredictionOutput {
  /** @param nulls spellings of a missing value, which CSV has to quote where they are text */
  format(nulls: readonly string[]): PredictionFormat;
  /** Writes lines of the format into the file. @throws LockstepError DISK_FULL, OUTPUT_UNWRITABLE */
  write(path: string, lines: AsyncIterable<string>, columns: readonly ParquetColumn[]): Promise<void>;
}

/** Formats of text by their endings. */
const TEXT_FORMATS: Readonly<Record<string, PredictionOutput['format']>> = {
  csv: (nulls) => csvFormat(',', nulls),
  tsv: (nulls) => csvFormat('\t', nulls),
  jsonl: () => JSON_LINES,
  ndjson: () => JSON_LINES,
  json: () => JSON_ARRAY,
};

/** CSV as text, for standard output and for pipes and devices whose names say nothing. */
export const PLAIN_OUTPUT: PredictionOutput = { format: TEXT_FORMATS.csv!, write: writeText };

/**
 * The output that the ending of a path names.
 * @throws LockstepError USAGE where it names none that is written, OUTPUT_UNWRITABLE for a folder
 */
export async function predictionOutput(path: string): Promise<PredictionOutput> {
  if (await isFolder(path)) {
    const fix = `Give the name of a file, for example ${join(path, 'predictions.csv')}.`;
    throw new LockstepError('OUTPUT_UNWRITABLE', { message: `${path} is a folder.`, field: '--out', value: path, fix });
  }
  const [, ending = '', packed = ''] = /\.([^.]+?)(\.gz)?$/i.exec(basename(path)) ?? [];
  const format = Object.hasOwn(TEXT_FORMATS, ending.toLowerCase()) ? TEXT_FORMATS[ending.toLowerCase()] : undefined;
  if (format) return { format, write: packed ? writePacked : writeText };
  if (ending.toLowerCase() === 'parquet' && !packed) {
    return { format: () => csvFormat(',', ['']), write: writeAsParquet };
  }
  if (ending === '' && (await isStream(path))) return PLAIN_OUTPUT;
  throw new LockstepError('USAGE', {
    message: `${path} ${ending ? `ends in .${ending}${packed}` : 'has no ending'}, which names no format that predict writes.`,
    field: '--out',
    value: path,
    fix: 'Use .csv, .tsv, .jsonl, .json (one array) or .parquet; text may be packed, as in .csv.gz.',
  });
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? false;
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
