/** Each patch here plants one fault; the test that its head names must go red with it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT } from '../support/lockstep.ts';

const HERE = join(ROOT, 'test/mutations');
const PATCHES = readdirSync(HERE).filter((file) => file.endsWith('.patch'));
const copy = mkdtempSync(join(tmpdir(), 'lockstep-mutations-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** A copy of the sources whose packages import each other, not the originals. */
function copySources(): void {
  const left = new Set(['node_modules', 'dist', 'bundle', 'bundle.last', 'bundle.new', '.git', 'runs']);
  for (const entry of [
    'packages',
    'protos',
    'docs',
    'test',
    'package.json',
    'vitest.config.ts',
    'tsconfig.base.json',
  ]) {
    cpSync(join(ROOT, entry), join(copy, entry), { recursive: true, filter: (path) => !left.has(basename(path)) });
  }
  const modules = join(copy, 'node_modules');
  mkdirSync(join(modules, '@lockstep'), { recursive: true });
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name !== '@lockstep') symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    symlinkSync(join(copy, 'packages', name), join(modules, '@lockstep', name));
  }
}

function runTest(filter: string): { isGreen: boolean; output: string } {
  const vitest = join(copy, 'node_modules/vitest/vitest.mjs');
  const args = [vitest, 'run', '--project', 'unit', '--retry', '0', '--bail', '1', filter];
  const { LOCKSTEP_TEST_REPORT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...env, NO_COLOR: '1' },
  });
  return { isGreen: status === 0, output: `${stdout}${stderr}` };
}

const testOf = (patch: string): string => /^Test: (.+)$/m.exec(readFileSync(join(HERE, patch), 'utf8'))?.[1] ?? '';

describe('a planted fault', () => {
  beforeAll(copySources);

  it('is needed to turn its test red', () => {
    const { isGreen, output } = runTest('packages/protocol/src/core/lanes');
    expect(isGreen, output).toBe(true);
  });

  it.each(PATCHES)('%s is found by its test', (patch) => {
    execFileSync('git', ['apply', join(HERE, patch)], { cwd: copy });
    try {
      const { isGreen, output } = runTest(testOf(patch));
      expect(isGreen).toBe(false);
      expect(output).toMatch(/Tests\s+1 failed/);
    } finally {
      execFileSync('git', ['apply', '--reverse', join(HERE, patch)], { cwd: copy });
    }
  });
});
