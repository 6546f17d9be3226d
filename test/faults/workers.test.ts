/** Workers that die or fall silent in the middle of a run: the parameters are the same as without. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { calmParameters } from '../support/calm-run.ts';
import { finish, lastJson, ROOT, seen, startLockstep } from '../support/lockstep.ts';
import { childrenOf } from '../support/processes.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const LONG = ['--set', 'train.epochs=40'];
const work = mkdtempSync(join(tmpdir(), 'lockstep-faults-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** Starts a run and waits until it has ended its third epoch. */
async function runningTrain(
  out: string,
  link: string,
): Promise<{ command: ChildProcess; ended: ReturnType<typeof finish> }> {
  const how = ['--workers', '3', '--link', link, '--out', join(work, `${out}-${link}`), '--json'];
  const command = startLockstep(['train', SPEC, ...LONG, ...how]);
  onTestFinished(() => void command.kill('SIGKILL'));
  const ended = finish(command);
  await seen(command, 'stderr', 'epoch 3/40', ended);
  return { command, ended };
}

describe.each(['network', 'host'])('in the middle of a run over the %s link', (link) => {
  let undisturbed = '';
  beforeAll(async () => {
    undisturbed = await calmParameters();
  });

  it('a worker is killed: the others take its lanes, and the parameters are the same', async () => {
    const { command, ended } = await runningTrain('killed', link);
    process.kill(childrenOf(command, ' worker ')[1] as number, 'SIGKILL');
    const result = await ended;
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('worker-1 ended: killed by SIGKILL');
    expect(lastJson(result).parametersSha256).toBe(undisturbed);
  });

  it('a worker is stopped for seconds and goes on: the parameters are the same', async () => {
    const { command, ended } = await runningTrain('stopped', link);
    const worker = childrenOf(command, ' worker ')[0] as number;
    process.kill(worker, 'SIGSTOP');
    setTimeout(() => process.kill(worker, 'SIGCONT'), 3000);
    const result = await ended;
    expect(result.code).toBe(0);
    expect(lastJson(result)).toMatchObject({ parametersSha256: undisturbed, link });
  });

  it('every worker is killed: the command says so at once and leaves no run', async () => {
    const { command, ended } = await runningTrain('all', link);
    for (const worker of childrenOf(command, ' worker ')) process.kill(worker, 'SIGKILL');
    const result = await ended;
    expect(result.code).toBe(1);
    expect(lastJson(result)).toMatchObject({ state: 'failed', error: { code: 'JOB_WORKERS_LOST' } });
  });
});

it('workers that cannot start end the command with their own error', async () => {
  const command = startLockstep(['train', SPEC, '--set', 'run.device=cuda', '--out', join(work, 'cuda'), '--json']);
  const result = await finish(command);
  expect(lastJson(result)).toMatchObject({ state: 'failed', error: { code: 'DEVICE_UNAVAILABLE' } });
  expect(result.code).toBe(2);
});
