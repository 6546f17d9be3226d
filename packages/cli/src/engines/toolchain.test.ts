import { describe, expect, it } from 'vitest';
import { type Machine, remedy } from './toolchain.js';

const MACHINE: Machine = { platform: 'linux', osRelease: '', isContainer: false };

describe('what installs missing tools', () => {
  it.each<[string, Partial<Machine>, RegExp]>([
    ['on Debian', { osRelease: 'ID=debian' }, /`apt-get install g\+\+ python3-pip`/],
    ['on a relative of Debian', { osRelease: 'ID=mint\nID_LIKE="ubuntu debian"' }, /apt-get install/],
    ['on Fedora', { osRelease: 'ID=fedora' }, /`dnf install gcc-c\+\+ python3-pip`/],
    ['on another Linux', { osRelease: 'ID=arch' }, /g\+\+ 9 or clang 7/],
    ['on macOS', { platform: 'darwin' }, /xcode-select --install/],
    ['in a container', { osRelease: 'ID=debian', isContainer: true }, /apt-get install.*build stage.*LOCKSTEP_ENGINES/],
  ])('%s', (_where, machine, words) => {
    expect(remedy({ ...MACHINE, ...machine }, ['compiler', 'pip'])).toMatch(words);
  });
});
