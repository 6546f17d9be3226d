/** Options that are numbers or one of some words. */
import { LockstepError } from '@lockstep/protocol/core';
import { MAX_COUNT } from './limits.js';

const LOG_LEVELS: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

/** A whole number. @throws LockstepError USAGE naming the option and the bounds */
export function parseCount(option: string, name: string, max = MAX_COUNT, min = 0): number {
  const isNumber = /^\d+$/.test(option);
  if (isNumber && Number(option) >= min && Number(option) <= max) return Number(option);
  const bound = Number(option) > max ? `above ${max}` : `below ${min}`;
  throw new LockstepError('USAGE', {
    message: isNumber ? `${name} is ${bound}.` : `${name} is not a number of things.`,
    field: name,
    value: option,
    fix: `Use a whole number from ${min} to ${max}.`,
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
