/** Pages of lists. */
import { LockstepError } from '@lockstep/protocol/core';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../limits.js';

/** Entries of a page. @param asked 0 for the default. @throws LockstepError USAGE where it is negative */
export function pageSizeOf(asked: number): number {
  if (asked < 0) {
    throw new LockstepError('USAGE', {
      message: 'page_size is negative.',
      field: 'page_size',
      value: String(asked),
      fix: 'Use 0 for the default.',
    });
  }
  return Math.min(asked || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
}
