/** Failed writes of the store as errors that name the file. */
import { LockstepError } from '@lockstep/protocol/core';

/** DISK_FULL where no space is left, else OUTPUT_UNWRITABLE; an error of ours stays what it is. */
export function storeError(path: string, cause: unknown): LockstepError {
  if (cause instanceof LockstepError) return cause;
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new LockstepError('DISK_FULL', {
      message: `No space left to write ${path}.`,
      field: 'store',
      value: path,
      cause,
    });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LockstepError('OUTPUT_UNWRITABLE', {
    message: `The store cannot be written: ${why}`,
    field: '--store',
    value: path,
    fix: 'Give a folder that can be written.',
    cause,
  });
}
