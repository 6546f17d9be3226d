/** Thirty mixed faults, and a run that is killed twenty times: the parameters are those of the calm run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RandomStream } from '@lockstep/protocol/core';
import { expect, it, onTestFinished } from 'vitest';
import { hasCheckpoint } from '../../packages/cli/src/run-folder.ts';
import { finish, lastJson, lockstep, ROOT, startLockstep, trainJson } from '../support/lockstep.ts';

it('thirty mixed faults leave the digits example with the parameters of the calm run', async () => {
  const spec = join(ROOT, 'examples/digits/job.yaml');
  const args = ['chaos', spec, '--faults', '30', '--seed', '1', '--set', 'train.epochs=60', '--json'];
  const { code, stdout, stderr } = await lockstep(args);
  expect(code, stderr.slice(-4000)).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ isEqual: true, happened: 30 });
});

it('a run that is killed twenty times at random moments ends as if it had not been', async () => {
  const work = mkdtempSync(join(tmpdir(), 'lockstep-killed-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  const spec = join(ROOT, 'test/cases/37-torn-checkpoint/job.yaml');
  const options = ['--set', 'train.epochs=400', '--set', 'run.checkpoints.everySeconds=0.05'];
  const calm = await trainJson([spec, ...options, '--out', join(work, 'calm')]);
  const out = join(work, 'out');
  // Until it has a checkpoint there is nothing to go on from.
  const resume = (): string[] => (hasCheckpoint(out) ? ['--resume'] : []);
  const random = new RandomStream(20, 1);
  let kills = 0;
  for (; kills < 20; kills++) {
    const command = startLockstep(['train', spec, ...options, '--out', out, ...resume(), '--json']);
    const ended = finish(command);
    const early = await Promise.race([ended, sleep(500 + random.uniform(kills) * 4000)]);
    command.kill('SIGKILL');
    const result = early ?? (await ended);
    // Over before it was killed, which is as good.
    expect([null, 0], result.stderr).toContain(result.code);
  }
  const resumed = await lockstep(['train', spec, ...options, '--out', out, ...resume(), '--json']);
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(lastJson(resumed).parametersSha256).toBe(calm.parametersSha256);
});
