/** The cores that processes on this machine share. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Cores that this process may use at once: those it is bound to, within the quota of its control group. At least 1. */
export function machineCores(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.ceil(coresOfQuota(readQuota()))));
}

/** @param quota what `cpu.max` says: microseconds of each period, or `max` */
export function coresOfQuota(quota: string): number {
  const [used, period] = quota.trim().split(' ').map(Number);
  return used && period && used > 0 ? used / period : Number.POSITIVE_INFINITY;
}

function readQuota(): string {
  try {
    return readFileSync('/sys/fs/cgroup/cpu.max', 'utf8');
  } catch {
    return 'max';
  }
}
