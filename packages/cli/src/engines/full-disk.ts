/** A full disk, by an error of the system or by the words that a program of its own has for it. */
import { enginesFolder } from '@lockstep/engine';
import { isDiskFull, LockstepError } from '@lockstep/protocol/core';

const WORDS = /\b(ENOSPC|EDQUOT|No space left on device)\b/;

/** Whether a step failed for want of space, on whichever disk. */
export function meansFullDisk(thrown: unknown): boolean {
  return isDiskFull(thrown) || (thrown instanceof Error && WORDS.test(thrown.message));
}

/** The error of a disk that is full. @param more what else there is to say of a remedy */
export function diskFull(
  message: string,
  { more = '', cause }: { readonly more?: string; readonly cause?: unknown } = {},
): LockstepError {
  return new LockstepError('DISK_FULL', {
    message,
    field: 'LOCKSTEP_ENGINES',
    value: enginesFolder(),
    fix: `Free space, or set LOCKSTEP_ENGINES to a folder on a larger disk.${more}`,
    cause,
  });
}
