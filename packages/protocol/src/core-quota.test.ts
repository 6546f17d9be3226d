import { describe, expect, it } from 'vitest';
import { coreQuota } from './core-quota.js';

function quotaWith(files: Readonly<Record<string, string>>): number {
  return coreQuota((path) => files[path] ?? null);
}

describe('the quota of control groups', () => {
  it('is that of the own group or of one it is in, the tightest of them', () => {
    const own = { '/proc/self/cgroup': '0::/pod/worker\n' };
    expect(quotaWith({ ...own, '/sys/fs/cgroup/pod/worker/cpu.max': '150000 100000\n' })).toBe(1.5);
    expect(quotaWith({ ...own, '/sys/fs/cgroup/pod/cpu.max': '200000 100000\n' })).toBe(2);
    const both = {
      '/sys/fs/cgroup/pod/worker/cpu.max': '300000 100000\n',
      '/sys/fs/cgroup/pod/cpu.max': '50000 100000\n',
    };
    expect(quotaWith({ ...own, ...both })).toBe(0.5);
  });

  it('is read where a container shows its own group as the root', () => {
    expect(quotaWith({ '/proc/self/cgroup': '0::/../../x\n', '/sys/fs/cgroup/cpu.max': '100000 100000\n' })).toBe(1);
    const first = {
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '250000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    };
    expect(quotaWith({ '/proc/self/cgroup': '3:cpu:/docker/4f\n', ...first })).toBe(2.5);
  });

  it('is read from the first version of control groups, mounted by the names of its controllers', () => {
    const folder = '/sys/fs/cgroup/cpu,cpuacct/batch';
    const files = { [`${folder}/cpu.cfs_quota_us`]: '100000\n', [`${folder}/cpu.cfs_period_us`]: '50000\n' };
    expect(quotaWith({ '/proc/self/cgroup': '4:memory:/x\n2:cpu,cpuacct:/batch\n', ...files })).toBe(2);
  });

  it.each([
    ['no control groups', {}],
    ['no limit', { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' }],
    [
      'no limit, first version',
      { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' },
    ],
    ['files of other kinds', { '/proc/self/cgroup': 'x\n1:cpu\n', '/sys/fs/cgroup/cpu.max': 'a b\n' }],
    ['another controller', { '/proc/self/cgroup': '2:cpuset:/a\n', '/sys/fs/cgroup/cpuset/a/cpu.max': '1 1\n' }],
  ])('is infinite with %s', (_why, files) => {
    expect(quotaWith(files as Record<string, string>)).toBe(Number.POSITIVE_INFINITY);
  });
});
