/** Options that set something for each of some namespaces: `name=value`. */
import { LockstepError } from '@lockstep/protocol/core';

/** A name of a namespace, or `*` for all that are not named. */
const NAMED = /^(?:(\*|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)=)?([^=]*)$/;

/** What an option is and takes. */
export interface NamespaceSetting {
  /** As it is written, with its dashes. */
  readonly flag: string;
  /** A value that it takes, to show. */
  readonly example: string;
  /** Whether a value without a name is for all namespaces that are not named. */
  readonly mayBeUnnamed: boolean;
  /** Reads a value. @throws LockstepError USAGE */
  readonly read: (text: string, flag: string) => number;
}

/** Values by namespace. @throws LockstepError USAGE naming what is wrong with one, also where a namespace has two */
export function namespaceSettings(
  options: readonly string[],
  { flag, example, mayBeUnnamed, read }: NamespaceSetting,
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const option of options) {
    const [, named, text = ''] = NAMED.exec(option) ?? [];
    const name = named ?? (mayBeUnnamed ? '*' : undefined);
    if (name === undefined || text === '') {
      const fix = `Write ${flag} vision=${example}, or '*=${example}' for all that are not named.`;
      throw wrong(`${flag} takes the name of a namespace and a value.`, flag, option, fix);
    }
    if (Object.hasOwn(found, name))
      throw wrong(`${flag} names ${name} twice.`, flag, option, 'Name each namespace once.');
    found[name] = read(text, flag);
  }
  return found;
}

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
/** A hundred years. */
const MAX_SECONDS = 36_525 * 86_400;

/** Seconds of "90d", "12h", "30m", "10s"; Infinity of "forever". @throws LockstepError USAGE */
export function parseSpan(text: string, flag: string): number {
  if (text === 'forever') return Number.POSITIVE_INFINITY;
  const [, digits, unit = ''] = /^(\d{1,10})([smhd])$/.exec(text) ?? [];
  const seconds = Number(digits) * (SECONDS[unit] ?? Number.NaN);
  if (seconds <= MAX_SECONDS) return seconds;
  throw wrong(`${flag} is no time.`, flag, text, 'Write it as 90d, 12h, 30m or 10s, or forever.');
}

function wrong(message: string, field: string, value: string, fix: string): LockstepError {
  return new LockstepError('USAGE', { message, field, value, fix });
}
