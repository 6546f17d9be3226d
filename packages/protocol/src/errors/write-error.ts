/** A failed write to a disk as an error of the catalogue. */
import { LockstepError } from './lockstep-error.js';

/** What the system calls a disk, or a user's share of it, without space. */
const FULL: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

/**
 * DISK_FULL where no space is left, else OUTPUT_UNWRITABLE; an error of ours stays what it is.
 * @param path what could not be written
 * @param place field and value at fault; the value is the path when left out
 */
export function writeError(
  path: string,
  cause: unknown,
  { field, value = path }: { readonly field: string; readonly value?: string },
): LockstepError {
  if (cause instanceof LockstepError) return cause;
  if (FULL.includes((cause as { readonly code?: unknown }).code)) {
    return new LockstepError('DISK_FULL', { message: `No space left to write ${path}.`, field, value, cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LockstepError('OUTPUT_UNWRITABLE', { message: `${path} cannot be written: ${why}`, field, value, cause });
}
