/** Opens one file in the format that it has. */
import { openCsvFile } from './csv-file.js';
import { openJsonlFile } from './jsonl-file.js';
import { openParquetFile, PARQUET_MARK } from './parquet-file.js';
import { firstBytes } from './source-file.js';
import type { DataFile, ReadingOptions, TableFile } from './table-file.js';
import { readTextBytes, textFile } from './text-bytes.js';

/** Opens a file. @throws LockstepError DATA_EMPTY, DATA_UNREADABLE, DATA_TOO_LARGE */
export async function openFile(file: DataFile, options: ReadingOptions): Promise<TableFile> {
  switch (await formatOf(file, options)) {
    case 'parquet':
      return openParquetFile(file);
    case 'jsonl':
      return openJsonlFile(file, options);
    case 'tsv':
      return openCsvFile(file, { ...options, delimiter: options.delimiter ?? '\t' });
    case 'csv':
      return openCsvFile(file, options);
  }
}

type FileFormat = 'csv' | 'tsv' | 'parquet' | 'jsonl';

/** The format that a spec says, else the ending of the name, else the first bytes. */
async function formatOf(file: DataFile, options: ReadingOptions): Promise<FileFormat> {
  const { format = 'auto' } = options;
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(file.name)?.[1]?.toLowerCase() ?? '';
  const isTabbed = ending === 'tsv' || ending === 'tab';
  if (format === 'csv') return isTabbed ? 'tsv' : 'csv';
  if (format !== 'auto') return format;
  if (ending === 'csv') return 'csv';
  if (isTabbed) return 'tsv';
  if (ending === 'parquet' || ending === 'pq') return 'parquet';
  if (ending === 'jsonl' || ending === 'ndjson') return 'jsonl';
  if ((await firstBytes(file.path, file.name, PARQUET_MARK.length)).equals(PARQUET_MARK)) return 'parquet';
  for await (const piece of readTextBytes(textFile(file, options))) {
    const start = piece.toString('latin1').trimStart();
    if (start !== '') return /^[{[]/.test(start) ? 'jsonl' : 'csv';
  }
  return 'csv';
}
