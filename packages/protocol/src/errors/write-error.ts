/** A failed write to a disk as an error of the catalogue. */
import { LockstepError } from './lockstep-error.js';

/** What the system calls a disk, or a user's share of it, without space. */
const FULL: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

/** Whether a write failed for want of space. */
export function isDiskFull(cause: unknown): boolean {
  return FULL.includes((cause as { readonly code?: unknown } | null)?.code);
}

/**
 * DISK_FULL where no space is left, else OUTPUT_UNWRITABLE; an error of ours stays what it is.
 * @param path what could not be written
 * @param place field and value at fault, and the remedy where the place cannot be written; the value is the path when
 * left out, the remedy the catalogue's
 */
export function writeError(
  path: string,
  cause: unknown,
  { field, value = path, fix }: { readonly field: string; readonly value?: string; readonly fix?: string },
): LockstepError {
  if (cause instanceof LockstepError) return cause;
  if (isDiskFull(cause)) {
    return new LockstepError('DISK_FULL', {
      message: `${path} cannot be written: no space is left.`,
      field,
      value,
      cause,
    });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = `${path} cannot be written: ${why}`;
  return new LockstepError('OUTPUT_UNWRITABLE', { message, field, value, ...(fix ? { fix } : {}), cause });
}
