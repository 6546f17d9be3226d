/** What npm would publish: every workspace packed, installed into an empty folder, trains the reference job. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type JsonOutcome, ROOT, trainJson } from '../support/lockstep.ts';

interface Pack {
  readonly name: string;
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const PACKAGES = readdirSync(join(ROOT, 'packages'));
const work = mkdtempSync(join(tmpdir(), 'lockstep-pack-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

function run(program: string, args: readonly string[], cwd: string): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

describe('packed packages', () => {
  const packs = JSON.parse(run('npm', ['pack', '--workspaces', '--pack-destination', work, '--json'], ROOT)) as Pack[];

  it('are all of them, each with its licence and purpose, without sources or tests', () => {
    expect(packs).toHaveLength(PACKAGES.length);
    for (const { name, files } of packs) {
      const paths = files.map(({ path }) => path);
      expect(paths.filter((path) => /^src\/|\.test\.|\/testing\//.test(path))).toEqual([]);
      expect(paths.length, name).toBeGreaterThan(2);
    }
    for (const name of PACKAGES) {
      const manifest = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')) as object;
      expect(manifest).toMatchObject({ license: 'Apache-2.0', description: expect.any(String), type: 'module' });
    }
  });

  it('installed into an empty folder train the reference job to the same parameters', async () => {
    const project = join(work, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), JSON.stringify({ private: true }));
    const archives = packs.map(({ filename }) => join(work, filename));
    run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', ...archives], project);
    cpSync(join(ROOT, 'examples/breast-cancer'), join(project, 'example'), {
      recursive: true,
      filter: (path) => !path.endsWith('runs'),
    });

    const lockstep = join(project, 'node_modules/.bin/lockstep');
    const text = run(lockstep, ['train', 'example/job.yaml', '--workers', '2', '--out', 'run', '--json'], project);
    const packed = JSON.parse(text) as JsonOutcome;
    const own = await trainJson([
      join(ROOT, 'examples/breast-cancer/job.yaml'),
      '--workers',
      '1',
      '--out',
      join(work, 'own'),
    ]);
    expect(packed).toMatchObject({ state: 'succeeded', parametersSha256: own.parametersSha256 });
  });
});
