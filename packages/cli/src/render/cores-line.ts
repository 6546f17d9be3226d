/** What workers of this machine compute on, in words. */
import type { UsableCores } from '@lockstep/protocol';
import { counted } from './counted.js';

const REASONS = {
  affinity: 'this process is bound to them',
  quota: 'the CPU quota of its control group',
} as const;

/** For example `2 workers x 1 thread on 1 of 4 cores (this process is bound to them): they take turns`. */
export function coresLine(workers: number, threads: number, { count, ofMachine, heldBy }: UsableCores): string {
  const cores = heldBy ? `${count} of ${ofMachine} cores (${REASONS[heldBy]})` : counted(count, 'core');
  const turns = workers * threads > count ? ': they take turns' : '';
  return `${counted(workers, 'worker')} x ${counted(threads, 'thread')} on ${cores}${turns}`;
}
