/** Words of people in calls: kept with jobs, shown in lists, told again. */
import { LockstepError } from '@lockstep/protocol/core';
import { MAX_WORDS } from '../limits.js';

/** A text of one line. @throws LockstepError LIMIT_EXCEEDED where it is longer than `MAX_WORDS`, or has several */
export function oneLine(text: string, field: string): string {
  const isLong = text.length > MAX_WORDS;
  if (!isLong && !/\p{Cc}/u.test(text)) return text;
  throw new LockstepError('LIMIT_EXCEEDED', {
    message: isLong
      ? `${field} has ${text.length} characters.`
      : `${field} has a control character, such as a new line.`,
    field,
    value: JSON.stringify(text.slice(0, MAX_SHOWN)),
    fix: `Use one line of ${MAX_WORDS} characters at most.`,
  });
}

const MAX_SHOWN = 80;
