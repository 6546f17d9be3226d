/** Looks at a source file before it is read: that it is there, and that it stays as it is. */
import { open, stat } from 'node:fs/promises';
import { LockstepError } from '@lockstep/protocol/core';

/** Size and time of a file, to see that it stays the same between passes. */
export interface FileState {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** State of a file. @throws LockstepError DATA_NOT_FOUND; DATA_UNREADABLE for what is a pipe or a device */
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
  if (!found.isFile()) {
    throw unreadableFile(
      fileName,
      'is a pipe or a device',
      'Pipes and devices are not read, as data is read more than once: write it to a file first.',
    );
  }
  return { bytes: found.size, modifiedMs: found.mtimeMs };
}

/** The first bytes of a file, as many as it has. @throws LockstepError DATA_UNREADABLE */
export async function firstBytes(path: string, fileName: string, count: number): Promise<Buffer> {
  const file = await open(path).catch((cause: Error) => {
    throw unreadableFile(fileName, `cannot be read: ${cause.message}`, 'Check the file and its permissions.', cause);
  });
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The error for a file without rows. @param fix @default the catalogue's */
export function emptyFile(fileName: string, what: string, fix?: string): LockstepError {
  const context = { message: `${fileName} ${what}.`, field: 'data.path', value: fileName };
  return new LockstepError('DATA_EMPTY', fix === undefined ? context : { ...context, fix });
}

/** The error for a file that cannot be read, or for one of its lines. @param line 1-based */
export function unreadableFile(
  fileName: string,
  what: string,
  fix: string,
  cause?: unknown,
  line?: number,
): LockstepError {
  const message = line === undefined ? `${fileName} ${what}.` : `Line ${line} of ${fileName} ${what}.`;
  const value = line === undefined ? fileName : String(line);
  return new LockstepError('DATA_UNREADABLE', { message, field: 'data.path', value, fix, cause });
}
