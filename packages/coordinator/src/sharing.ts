/** How workers are shared among namespaces, as an operator sets it. */
import type { Sharing } from './core/turns.js';

/** Stands for every namespace that is not named. */
export const OTHERS = '*';

/** What is set of namespaces, by their names or {@link OTHERS}. */
export interface SharingConfig {
  /** What each is due of the workers, relative to the others: 1 to 1000. @default 1 */
  readonly weights?: Readonly<Record<string, number>>;
  /** Workers that each has at most, over all of its jobs. @default as many as there are */
  readonly quotas?: Readonly<Record<string, number>>;
}

/** The sharing that is set. */
export function sharingOf({ weights = {}, quotas = {} }: SharingConfig): Sharing {
  const [weight, quota] = [new Map(Object.entries(weights)), new Map(Object.entries(quotas))];
  return {
    weightOf: (namespace) => weight.get(namespace) ?? weight.get(OTHERS) ?? 1,
    quotaOf: (namespace) => quota.get(namespace) ?? quota.get(OTHERS) ?? Number.POSITIVE_INFINITY,
  };
}
