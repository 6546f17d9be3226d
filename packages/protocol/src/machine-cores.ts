/** The cores that processes on this machine share. */
import { availableParallelism, cpus } from 'node:os';
import { coreQuota } from './core-quota.js';

/** Cores that this process may use at once. */
export interface UsableCores {
  /** At least 1; a part of a core counts as one. */
  readonly count: number;
  readonly ofMachine: number;
  /** What keeps it from the others: the cores it is bound to, or the quota of its control group. */
  readonly heldBy: 'affinity' | 'quota' | null;
}

/** Cores that this process is bound to, within the quota of its control group. */
export function usableCores(): UsableCores {
  return coresWithin(coreQuota(), availableParallelism(), cpus().length);
}

/** @param quota cores' worth of time, infinite where there is none; @param bound cores that the process may run on */
export function coresWithin(quota: number, bound: number, ofMachine: number): UsableCores {
  const paid = Math.max(1, Math.ceil(quota));
  const heldBy = paid < bound ? 'quota' : bound < ofMachine ? 'affinity' : null;
  return { count: Math.min(paid, bound), ofMachine, heldBy };
}

/** How many of them there are. */
export function machineCores(): number {
  return usableCores().count;
}
