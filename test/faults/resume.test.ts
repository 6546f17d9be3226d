/** Runs that are interrupted or lose a process: nothing stays, and --resume ends with the parameters of the calm run. */
import type { ChildProcess } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, finish, lastJson, ROOT, seen, startLockstep, trainJson } from '../support/lockstep.ts';
import { processTable } from '../support/processes.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const LONG = ['--set', 'train.epochs=40'];
const work = mkdtempSync(join(tmpdir(), 'lockstep-resume-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Started {
  readonly command: ChildProcess;
  readonly ended: Promise<CommandResult>;
  readonly out: string;
  /** Folder for everything temporary of this run. */
  readonly temporary: string;
}

/** Starts a run and waits until it has ended its third epoch. */
async function started(name: string): Promise<Started> {
  const out = join(work, name);
  const temporary = mkdtempSync(join(work, 'tmp-'));
  const command = startLockstep(['train', SPEC, ...LONG, '--out', out, '--json'], { env: { TMPDIR: temporary } });
  const ended = finish(command);
  await seen(command, 'stderr', 'epoch 3/40', ended);
  return { command, ended, out, temporary };
}

/** Processes, pid and arguments, that name a folder or descend from a process. */
function processesOf({ command, temporary }: Started): string[] {
  const rows = processTable();
  const family = new Set([command.pid]);
  for (const { pid, parent } of rows) if (family.has(parent)) family.add(pid);
  return rows
    .filter(({ pid, args }) => pid !== command.pid && (family.has(pid) || args.includes(temporary)))
    .map(({ pid, args }) => `${pid} ${args}`);
}

const pidOf = (run: Started, what: string): number =>
  Number(
    processesOf(run)
      .find((line) => line.includes(what))
      ?.split(' ')[0],
  );

async function expectNothingLeft(run: Started, family: readonly string[]): Promise<void> {
  const pids = family.map((line) => Number(line.split(' ')[0]));
  const alive = (): number[] =>
    pids.filter((pid) => {
      try {
        return execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).trim()[0] !== 'Z';
      } catch {
        return false;
      }
    });
  await expect.poll(alive, { timeout: 10_000, interval: 100 }).toEqual([]);
  await expect.poll(() => readdirSync(run.temporary), { timeout: 10_000, interval: 100 }).toEqual([]);
}

describe('a run of forty epochs', () => {
  let calm = '';
  beforeAll(async () => {
    calm = (await trainJson([SPEC, ...LONG, '--workers', '1', '--out', join(work, 'calm')])).parametersSha256;
  });

  async function resume({ out }: Started, more: readonly string[] = []): Promise<void> {
    const outcome = await trainJson([SPEC, ...LONG, '--out', out, '--resume', ...more]);
    expect(outcome.parametersSha256).toBe(calm);
    expect(readdirSync(out).sort()).toEqual([
      'checkpoints',
      'events',
      'history.csv',
      'metrics.json',
      'model.onnx',
      'report.html',
      'spec.yaml',
    ]);
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends in order on %s, and goes on', async (signal) => {
    const run = await started(signal);
    const family = processesOf(run);
    run.command.kill(signal);
    const result = await run.ended;
    expect(result.code).toBe(130);
    expect(lastJson(result)).toMatchObject({
      state: 'cancelled',
      job: expect.any(String),
      error: { code: 'INTERRUPTED', fix: expect.stringMatching(/^Go on with: lockstep train .* --resume$/) },
    });
    expect(result.stderr).toContain(`--set train.epochs=40 --out ${run.out} --json --resume`);
    await expectNothingLeft(run, family);
    if (signal !== 'SIGHUP') await resume(run, ['--workers', '3']);
  });

  it('ends at once on a second signal, and leaves nothing', async () => {
    const run = await started('twice');
    const family = processesOf(run);
    const isSaid = seen(run.command, 'stderr', 'stopping everything', run.ended);
    run.command.kill('SIGINT');
    await isSaid;
    run.command.kill('SIGINT');
    expect((await run.ended).code).toBe(130);
    await expectNothingLeft(run, family);
  });

  it('whose coordinator is killed fails with the way to go on', async () => {
    const run = await started('coordinator');
    const family = processesOf(run);
    process.kill(pidOf(run, ' coordinator '), 'SIGKILL');
    const result = await run.ended;
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('--resume');
    await expectNothingLeft(run, family);
    await resume(run, ['--workers', '1']);
  });

  it('leaves nothing when the command itself is killed, and goes on', async () => {
    const run = await started('command');
    const family = processesOf(run);
    expect(family.length).toBeGreaterThan(4);
    run.command.kill('SIGKILL');
    await expect
      .poll(() => execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' }).includes(run.temporary), {
        timeout: 10_000,
      })
      .toBe(false);
    await expect.poll(() => readdirSync(run.temporary), { timeout: 10_000 }).toEqual([]);
    await resume(run);
  });

  it('is refused without --resume where one is, and with it where the spec is another', async () => {
    const out = join(work, 'calm');
    const refusal = async (args: readonly string[]): Promise<CommandResult> =>
      finish(startLockstep(['train', SPEC, '--out', out, '--json', ...args]));
    const without = await refusal(LONG);
    expect({ code: without.code, error: lastJson(without).error?.code }).toEqual({ code: 2, error: 'OUTPUT_EXISTS' });
    const other = await refusal([...LONG, '--resume', '--seed', '5']);
    expect({ code: other.code, error: lastJson(other).error?.code }).toEqual({ code: 2, error: 'CHECKPOINT_MISMATCH' });
    expect(lastJson(other).error).toMatchObject({ field: 'train.seed', value: '5' });
    expect(lastJson(other).error?.message).toContain('train.seed: 42, now 5');
    expect(other.stderr).not.toContain('go on with');
  });
});
