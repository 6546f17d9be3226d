/** Looks at a source file before DuckDB does: that it is there, that it is text, its header and its delimiter. */
import { open, stat } from 'node:fs/promises';
import { LockstepError } from '@lockstep/protocol/core';
import { possibleDelimiters, readRecord } from './core/csv-head.js';
import { HEAD_BYTES } from './limits.js';

/** What a decoder puts in for bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd';

/** What the head of a file says. */
export interface FileHead {
  readonly delimiter: string;
  /** Cells of the first line, as they stand. */
  readonly names: readonly string[];
}

/** Size and time of a file, to see that it stays the same between passes. */
export interface FileState {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** State of a file. @throws LockstepError DATA_NOT_FOUND; DATA_UNREADABLE for what is no regular file */
export async function fileState(path: string, fileName: string): Promise<FileState> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT' || cause.code === 'ENOTDIR'
      ? new LockstepError('DATA_NOT_FOUND', {
          message: `The data file ${fileName} does not exist.`,
          field: 'data.path',
          value: fileName,
          cause,
        })
      : unreadableFile(fileName, `cannot be read: ${cause.message}`, 'Check the file and its permissions.', cause);
  });
  if (found.isDirectory()) {
    throw unreadableFile(fileName, 'is a folder', 'Folders are not read yet; give one CSV file.');
  }
  if (!found.isFile()) {
    throw unreadableFile(
      fileName,
      'is a pipe or a device',
      'These are not read, as data is read more than once; give one CSV file.',
    );
  }
  return { bytes: found.size, modifiedMs: found.mtimeMs };
}

/** Reads the head of a CSV file. @throws LockstepError DATA_NOT_FOUND, DATA_EMPTY, DATA_UNREADABLE */
export async function readHead(path: string, fileName: string): Promise<FileHead> {
  const { bytes } = await fileState(path, fileName);
  if (bytes === 0) throw emptyFile(fileName, 'is empty');
  const head = decodeHead(await readStart(path, fileName), fileName);
  if (head.trim() === '') throw emptyFile(fileName, 'holds nothing but blanks');
  if (/^[ \t]*[\r\n]/.test(head)) {
    throw unreadableFile(fileName, 'starts with a blank line', 'Make the header the first line.');
  }
  const [delimiter, another] = possibleDelimiters(head);
  if (another) {
    throw unreadableFile(
      fileName,
      `can be cut at ${JSON.stringify(delimiter)} and at ${JSON.stringify(another)}: line 1 holds both`,
      'Put column names that hold one of them in double quotes.',
    );
  }
  const header = readRecord(head, delimiter ?? ',');
  if (!header) {
    throw unreadableFile(fileName, 'has a header (line 1) whose quotes do not come in pairs', 'Mend the quotes.');
  }
  if (header.fields.some((name) => name.includes(REPLACEMENT))) {
    throw unreadableFile(fileName, 'has a header (line 1) that is not in UTF-8', 'Save it as CSV in UTF-8.');
  }
  return { delimiter: delimiter ?? ',', names: header.fields };
}

async function readStart(path: string, fileName: string): Promise<Buffer> {
  const file = await open(path).catch((cause: Error) => {
    throw unreadableFile(fileName, `cannot be read: ${cause.message}`, 'Check the file and its permissions.', cause);
  });
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function decodeHead(start: Buffer, fileName: string): string {
  const mark = start.subarray(0, 2).toString('hex');
  const what = mark === 'fffe' || mark === 'feff' ? 'UTF-16 text' : start.includes(0) ? 'binary data' : null;
  if (what) throw unreadableFile(fileName, `holds ${what}, not CSV in UTF-8`, 'Save it as CSV in UTF-8.');
  // What is not UTF-8 below the header is refused by DuckDB, which knows the line.
  return start.toString('utf8').replace(/^\ufeff/, '');
}

/** The error for a file without rows. */
export function emptyFile(fileName: string, what: string): LockstepError {
  return new LockstepError('DATA_EMPTY', { message: `${fileName} ${what}.`, field: 'data.path', value: fileName });
}

/** The error for a file that cannot be read as a whole. */
export function unreadableFile(fileName: string, what: string, fix: string, cause?: unknown): LockstepError {
  const message = `${fileName} ${what}.`;
  return new LockstepError('DATA_UNREADABLE', { message, field: 'data.path', value: fileName, fix, cause });
}
