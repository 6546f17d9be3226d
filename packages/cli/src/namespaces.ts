/** What a coordinator is told of its namespaces. */
import type { CoordinatorConfig } from '@lockstep/coordinator';
import { MAX_COUNT, MAX_PRIORITY, MAX_WEIGHT } from './limits.js';
import { type NamespaceSetting, namespaceSettings, parseSpan } from './namespace-settings.js';
import { parseCount } from './options.js';

/** Options of verbs that start a coordinator. */
export interface NamespaceFlags {
  readonly namespaceWeight: readonly string[];
  readonly namespaceQuota: readonly string[];
  readonly namespacePriority: readonly string[];
  readonly keepJobs: readonly string[];
  readonly keepJobsPerNamespace: readonly string[];
}

const WEIGHT: NamespaceSetting = {
  ...{ flag: '--namespace-weight', example: '3', mayBeUnnamed: false },
  read: (text, flag) => parseCount(text, flag, MAX_WEIGHT, 1),
};
const QUOTA: NamespaceSetting = {
  ...{ flag: '--namespace-quota', example: '8', mayBeUnnamed: false },
  read: (text, flag) => parseCount(text, flag, MAX_COUNT),
};
const PRIORITY: NamespaceSetting = {
  ...{ flag: '--namespace-priority', example: '5', mayBeUnnamed: false },
  read: (text, flag) => parseCount(text, flag, MAX_PRIORITY),
};
const KEEP_TIME: NamespaceSetting = {
  ...{ flag: '--keep-jobs', example: '90d', mayBeUnnamed: true, read: parseSpan },
};
const KEEP_JOBS: NamespaceSetting = {
  ...{ flag: '--keep-jobs-per-namespace', example: '1000', mayBeUnnamed: true },
  read: (text, flag) => parseCount(text, flag, MAX_COUNT),
};

/** What the options say. @throws LockstepError USAGE */
export function namespacesOf(flags: NamespaceFlags): Pick<CoordinatorConfig, 'sharing' | 'retention'> {
  return {
    sharing: {
      weights: namespaceSettings(flags.namespaceWeight, WEIGHT),
      quotas: namespaceSettings(flags.namespaceQuota, QUOTA),
      priorities: namespaceSettings(flags.namespacePriority, PRIORITY),
    },
    retention: {
      keepSeconds: namespaceSettings(flags.keepJobs, KEEP_TIME),
      keepJobs: namespaceSettings(flags.keepJobsPerNamespace, KEEP_JOBS),
    },
  };
}
