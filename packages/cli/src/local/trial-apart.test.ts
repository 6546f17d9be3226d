import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bindingPath, buildFolder, NATIVE_PROBE_MS, nativePackage } from '@lockstep/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BIN_PATH } from '../bin-path.js';
import { scratch } from './testing/release-site.js';
import { tryApart } from './trial-apart.js';

const limits = vi.hoisted(() => ({ TRIAL_MS: 8000 }));
vi.mock('../limits.js', async (original) => ({ ...(await original<typeof import('../limits.js')>()), ...limits }));

/** A package that notes its process and never returns, as a driver that hangs. */
const HANGS = `
  require('node:fs').appendFileSync(process.env.LOCKSTEP_ENGINES + '/pids', process.pid + '\\n');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
`;

let engines = '';

/** Processes that have begun to load a package. */
function loading(): readonly number[] {
  try {
    return readFileSync(join(engines, 'pids'), 'utf8').trim().split('\n').map(Number);
  } catch {
    return [];
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Once all of them have ended, and an orphan's new parent has noticed. */
const noneIsLeft = () => expect.poll(() => loading().filter(isRunning), { timeout: 10_000 }).toEqual([]);

/** A build of TensorFlow with CUDA that hangs. */
function buildThatHangs(): void {
  const binding = bindingPath('gpu', buildFolder('gpu'));
  mkdirSync(dirname(binding), { recursive: true });
  writeFileSync(binding, 'a native library');
  writeFileSync(join(buildFolder('gpu'), 'node_modules', nativePackage('gpu'), 'index.js'), HANGS);
}

/** The same package installed beside lockstep: of two each is tried in a process of its own. */
function anotherBeside(): void {
  const modules = scratch();
  mkdirSync(join(modules, nativePackage('gpu')), { recursive: true });
  writeFileSync(join(modules, nativePackage('gpu'), 'index.js'), HANGS);
  vi.stubEnv('NODE_PATH', modules);
}

beforeEach(() => {
  engines = scratch();
  vi.stubEnv('LOCKSTEP_ENGINES', engines);
});
afterEach(() => void vi.unstubAllEnvs());

describe.each([
  ['in the process that tries it', () => {}],
  ['in a process of its own', anotherBeside],
])('a build that hangs %s', (_where, prepare) => {
  it('is given up in time, and leaves no process', async () => {
    buildThatHangs();
    prepare();
    expect(await tryApart('tensorflow-gpu')).toMatchObject({ message: 'It did not answer within 8 s.' });
    expect(loading()).toHaveLength(1);
    await noneIsLeft();
  });

  it('ends with the command that had it tried, killed though that be', async () => {
    buildThatHangs();
    prepare();
    const command = spawn(process.execPath, [BIN_PATH, 'engines', 'list'], { stdio: 'ignore' });
    await expect.poll(() => loading().filter(isRunning), { timeout: 30_000 }).toHaveLength(1);
    command.kill('SIGKILL');
    await noneIsLeft();
  });
});

it('two builds that hang are given up within the time of one trial', async () => {
  const { TRIAL_MS } = await vi.importActual<typeof import('../limits.js')>('../limits.js');
  expect(2 * NATIVE_PROBE_MS).toBeLessThan(TRIAL_MS);
});
