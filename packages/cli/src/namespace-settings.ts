/** Options that set a number for each of some namespaces: `name=n`. */
import { LockstepError } from '@lockstep/protocol/core';
import { parseCount } from './options.js';

/** A name of a namespace, or `*` for all that are not named. */
const NAMED = /^(\*|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)=(.*)$/;

/** Bounds of a number. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * Numbers by namespace.
 * @param options each "name=n"
 * @param flag the option that they come from
 * @throws LockstepError USAGE naming what is wrong with one, also where a namespace has two
 */
export function namespaceNumbers(
  options: readonly string[],
  flag: string,
  { min, max }: Bounds,
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const option of options) {
    const [, name = '', text = ''] = NAMED.exec(option) ?? [];
    const example = `Write ${flag} vision=${min + 1}, or '*=${min + 1}' for all that are not named.`;
    if (!name) throw wrong(`${flag} takes the name of a namespace and a number.`, flag, option, example);
    if (name in found) throw wrong(`${flag} names ${name} twice.`, flag, option, 'Name each namespace once.');
    found[name] = parseCount(text, flag, max);
    if (found[name] < min) throw wrong(`${flag} is below ${min}.`, flag, option, `Use ${min} to ${max}.`);
  }
  return found;
}

function wrong(message: string, field: string, value: string, fix: string): LockstepError {
  return new LockstepError('USAGE', { message, field, value, fix });
}
