/** Says in numbers what a job waits for. */
import type { Shortfall } from './core/schedule.js';

/** What a waiting job sees. */
export interface Wait extends Shortfall {
  /** Its place among the jobs that wait, from 1. */
  readonly place: number;
  /** Workers that it needs to begin. */
  readonly needs: number;
  /** 'auto' is any. */
  readonly device: string;
  /** Named where it is not the one that comes with lockstep. */
  readonly engine: string;
  readonly running: readonly { readonly id: string; readonly state: string; readonly holds: number }[];
  /** What a job is called here. */
  readonly named: (id: string) => string;
}

/** Jobs that are named. */
const MAX_NAMED = 3;
const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });
const ENDINGS: Readonly<Record<Intl.LDMLPluralRule, string>> = {
  ...{ zero: 'th', one: 'st', two: 'nd', few: 'rd', many: 'th', other: 'th' },
};

/**
 * "2nd in the queue: waits for 2 workers: 4 of 4 connected fit, 1 free; small-x is running and holds 3", and where there
 * are several namespaces: "; namespace vision has 3 of 4 workers that fit, its share is 2".
 */
export function explainWait(wait: Wait): string {
  const { place, needs, fit, connected, free, keptFor, running, named } = wait;
  const turn = place === 1 ? '' : `${place}${ENDINGS[ORDINALS.select(place)]} in the queue: `;
  const workers = `${needs} ${needs === 1 ? 'worker' : 'workers'}${withText(wait)}`;
  const needed = `${turn}waits for ${workers}: ${fit} of ${connected} connected fit`;
  if (fit < needs) return needed;
  const kept = keptFor === null ? '' : `, kept for ${named(keptFor)}`;
  const holders = running
    .slice(0, MAX_NAMED)
    .map(({ id, state, holds }) => `; ${named(id)} is ${state} and holds ${holds}`);
  const more = running.length > MAX_NAMED ? `; ${running.length - MAX_NAMED} more jobs run` : '';
  return `${needed}, ${free} free${kept}${holders.join('')}${more}${shareText(wait)}`;
}

/** What the namespace of a job has, where that decides over its turn. */
function shareText({ share, quota }: Wait): string {
  if (quota) {
    const { namespace, inUse, most } = quota;
    return `; namespace ${namespace} has ${inUse} ${inUse === 1 ? 'worker' : 'workers'}, its quota is ${most}`;
  }
  if (!share) return '';
  const { namespace, inUse, fit, due } = share;
  return `; namespace ${namespace} has ${inUse} of ${fit} workers that fit, its share is ${Number(due.toFixed(1))}`;
}

function withText({ device, engine }: Wait): string {
  const wanted = [
    ...(device === 'auto' ? [] : [`device ${device}`]),
    ...(engine === 'onnxruntime' ? [] : [`engine ${engine}`]),
  ];
  return wanted.length === 0 ? '' : ` with ${wanted.join(' and ')}`;
}
