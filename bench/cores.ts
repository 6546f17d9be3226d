/** Pins processes to cores, the same way for every side that is measured. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Cores in a list such as "0-3,8". */
export function parseCores(list: string): number[] {
  return list
    .trim()
    .split(',')
    .filter(Boolean)
    .flatMap((part) => {
      const [first = 0, last = first] = part.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}

/** Cores that this process may use; none where processes cannot be pinned here. */
export const CORES: readonly number[] = pinnableCores();

/** The core of a worker: each has one of its own, where there are as many. */
export function coreOf(worker: number): number | undefined {
  return CORES[worker % CORES.length];
}

/** A command that runs on one core only, or anywhere. */
export function pinned(core: number | undefined, ...command: readonly string[]): string[] {
  return core === undefined ? [...command] : ['taskset', '-c', String(core), ...command];
}

function pinnableCores(): number[] {
  try {
    const allowed = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
    return spawnSync('taskset', ['--version']).status === 0 ? parseCores(allowed) : [];
  } catch {
    return [];
  }
}
