/** How workers are shared among namespaces, as an operator sets it. */
import { type ByNamespace, byNamespace } from './by-namespace.js';
import type { Sharing } from './core/turns.js';

/** What is set of namespaces. */
export interface SharingConfig {
  /** What each is due of the workers, relative to the others: 1 to 1000. @default 1 */
  readonly weights?: ByNamespace;
  /** Workers that each has at most, over all of its jobs. @default as many as there are */
  readonly quotas?: ByNamespace;
  /** Highest `run.priority` of jobs that anybody but an admin submits to each. @default any */
  readonly priorities?: ByNamespace;
}

/** The sharing that is set. */
export function sharingOf({ weights = {}, quotas = {} }: SharingConfig): Sharing {
  return { weightOf: byNamespace(weights, 1), quotaOf: byNamespace(quotas, Number.POSITIVE_INFINITY) };
}

/** The highest `run.priority` of jobs of a namespace, by whoever is no admin. */
export function mostPriority({ priorities = {} }: SharingConfig, namespace: string): number {
  return byNamespace(priorities, Number.POSITIVE_INFINITY)(namespace);
}
