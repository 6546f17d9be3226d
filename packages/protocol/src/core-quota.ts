/** How much time on cores the control groups of this process leave it: `cpu.max` of version 2, `cpu.cfs_*` of version 1. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MOUNT = '/sys/fs/cgroup';

/** Reads a small file; null where it cannot. */
export type ReadText = (path: string) => string | null;

/** Cores' worth of time that this process may use, by the tightest of its groups; infinite where none holds it. */
export function coreQuota(read: ReadText = readText): number {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').flatMap(foldersOf);
  // A container that shows its own group as the root still names the path that it has outside.
  return Math.min(...[MOUNT, join(MOUNT, 'cpu'), ...groups].map((folder) => quotaOf(folder, read)));
}

/** Folders of a line of /proc/self/cgroup, `id:controllers:path`: of the group and of those it is in. */
function foldersOf(line: string): string[] {
  const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
  if (path === undefined || !(controllers === '' || controllers?.split(',').includes('cpu'))) return [];
  const mount = join(MOUNT, controllers ?? '');
  const folders: string[] = [];
  for (let at = path; at !== '/'; at = dirname(at)) folders.push(join(mount, at));
  return [...folders, mount];
}

function quotaOf(folder: string, read: ReadText): number {
  const [used, period] = (read(join(folder, 'cpu.max')) ?? '').trim().split(' ').map(Number);
  if (used && period && used > 0) return used / period;
  const quota = Number(read(join(folder, 'cpu.cfs_quota_us')) ?? Number.NaN);
  const of = Number(read(join(folder, 'cpu.cfs_period_us')) ?? Number.NaN);
  return quota > 0 && of > 0 ? quota / of : Number.POSITIVE_INFINITY;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
