/** Errors of whole columns that more than one pass finds. */
import { LockstepError } from '@lockstep/protocol/core';
import { MAX_COUNTED_CATEGORIES } from './limits.js';

/** A text column with more values than are encoded. @param rows where they were counted, for example "200 rows" */
export function tooManyCategories(name: string, found: number, rows: string, limit: number): LockstepError {
  const many = found > MAX_COUNTED_CATEGORIES ? `more than ${MAX_COUNTED_CATEGORIES}` : String(found);
  return new LockstepError('DATA_TOO_MANY_CATEGORIES', {
    message: `Column ${name} has ${many} different values in ${rows}, at most ${limit} are encoded.`,
    field: name,
    value: many,
    fix: `Add ${name} to data.ignore where it is an id or free text, or raise preprocess.maxCategories.`,
  });
}
