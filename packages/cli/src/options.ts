/** Options that are numbers or one of some words. */
import { LockstepError } from '@lockstep/protocol/core';

const MAX_DIGITS = 6;
const LOG_LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

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

/** A level of the log. @throws LockstepError USAGE */
export function parseLogLevel(option: string): string {
  if (LOG_LEVELS.includes(option)) return option;
  throw new LockstepError('USAGE', {
    message: '--log-level is not a level of the log.',
    field: '--log-level',
    value: option,
    fix: `Use one of ${LOG_LEVELS.join(', ')}.`,
  });
}
