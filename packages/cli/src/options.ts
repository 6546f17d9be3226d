/** Options that are numbers. */
import { LockstepError } from '@lockstep/protocol/core';

const MAX_DIGITS = 6;

/** A whole number from 0 on. @throws LockstepError USAGE naming the option */
export function parseCount(option: string, name: string): number {
  if (/^\d+$/.test(option) && option.length <= MAX_DIGITS) return Number(option);
  throw new LockstepError('USAGE', {
    message: `${name} is not a number of things.`,
    field: name,
    value: option,
    fix: `Use a whole number from 0 to ${10 ** MAX_DIGITS - 1}.`,
  });
}
