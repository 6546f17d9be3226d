/** What comes in through npm: nothing without a hash, nothing from elsewhere, and no package's own script is run. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, scratch } from './support/lockstep.ts';

interface LockedPackage {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
}

/** npm by the settings of the folder, not by those that an npm which runs the tests has handed on. */
function npm(cwd: string, ...args: readonly string[]): void {
  const { npm_config_ignore_scripts: _, ...env } = process.env;
  execFileSync('npm', [...args, '--offline', '--loglevel', 'error'], { cwd, env, stdio: 'ignore' });
}

it('A40 every package of the lock file has a SHA-512 and comes from the registry', () => {
  const text = readFileSync(join(ROOT, 'package-lock.json'), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, LockedPackage> };
  const foreign = Object.entries(packages).filter(([path, { link, resolved, integrity }]) => {
    if (link || !path.startsWith('node_modules/')) return false;
    return resolved !== undefined || !integrity?.startsWith('sha512-');
  });
  expect(Object.keys(packages).length).toBeGreaterThan(100);
  expect(foreign).toEqual([]);
});

it('A40 npm ci runs no script of a package', () => {
  const work = scratch();
  const [guest, project, marker] = ['guest', 'project', 'ran'].map((name) => join(work, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [guest, project]) mkdirSync(folder);
  const postinstall = `node -e "require('fs').writeFileSync('${marker}', '')"`;
  writeFileSync(join(guest, 'package.json'), JSON.stringify({ name: 'g', version: '1.0.0', scripts: { postinstall } }));
  npm(guest, 'pack');
  const manifest = { name: 'p', version: '1.0.0', dependencies: { g: 'file:../guest/g-1.0.0.tgz' } };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  npm(project, 'install', '--package-lock-only');

  npm(project, 'ci');
  expect(existsSync(marker), 'the script is one that would run').toBe(true);
  rmSync(marker);
  cpSync(join(ROOT, '.npmrc'), join(project, '.npmrc'));
  npm(project, 'ci');
  expect(existsSync(join(project, 'node_modules/g/package.json'))).toBe(true);
  expect(existsSync(marker)).toBe(false);
});
