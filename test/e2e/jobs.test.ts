/** Jobs of a service, as its users see them: list, describe, logs, cancel; and a service in the foreground that is ended and started again. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LockstepClient } from '@lockstep/client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { calmParameters } from '../support/calm-run.ts';
import {
  type CommandResult,
  finish,
  lastJson,
  lockstep,
  ROOT,
  scratch,
  seen,
  startLockstep,
  trainJson,
} from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { childrenOf } from '../support/processes.ts';
import { startService } from '../support/service.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const DATA = join(ROOT, 'examples/breast-cancer/data.csv');
const ONE_WORKER = ['--set', 'run.workers=1'];
/** Longer than any test looks at it. */
const ENDLESS = [...ONE_WORKER, '--set', 'train.epochs=20000'];
const SHORT = [...ONE_WORKER, '--set', 'train.epochs=1'];

interface JobLine {
  readonly job: string;
  readonly state: string;
  readonly reason: string;
  readonly progress: { step: number; totalSteps: number; trainLoss: number; workers: number } | null;
  readonly ageSeconds: number;
}

interface Description extends JobLine {
  readonly spec: { train: { epochs: number } };
  readonly history: readonly { unixSeconds: number; state: string; reason: string }[];
  readonly workers: readonly { worker: string; change: string }[];
  readonly warnings: readonly { message: string }[];
  readonly stalls: readonly unknown[];
  readonly activity: { readonly workers: readonly unknown[] } | null;
  readonly error: Readonly<Record<string, string>> | null;
  readonly result: { parametersSha256: string; metrics: { test: Record<string, number> } } | null;
}

/** Verbs sent to one coordinator. */
class Remote {
  readonly server: string;

  constructor(server: string) {
    this.server = server;
  }

  run(...args: readonly string[]): Promise<CommandResult> {
    return lockstep([...args, '--server', this.server]);
  }

  async submit(...options: readonly string[]): Promise<string> {
    const { stdout, stderr } = await this.run('submit', SPEC, ...options, '--no-wait');
    expect(stdout, stderr).toMatch(/^breast-cancer-[a-z0-9]{8}\n$/);
    return stdout.trim();
  }

  async describe(job: string): Promise<Description> {
    const result = await this.run('describe', job, '--json');
    expect(result.code, result.stderr).toBe(0);
    return lastJson(result) as unknown as Description;
  }

  async jobs(...options: readonly string[]): Promise<JobLine[]> {
    const result = await this.run('jobs', '--json', ...options);
    expect(result.code, result.stderr).toBe(0);
    const lines = result.stdout.split('\n').filter(Boolean);
    return lines.map((line) => JSON.parse(line) as JobLine);
  }

  /** Follows a job's log. @returns when a line holds a text, and how the command ends */
  async logsUntil(job: string, text: string): Promise<{ ended: Promise<CommandResult> }> {
    const command = startLockstep(['logs', job, '-f', '--server', this.server]);
    onTestFinished(() => void command.kill('SIGKILL'));
    const ended = finish(command);
    await seen(command, 'stdout', text, ended);
    return { ended };
  }
}

describe('the jobs of a service with one worker', () => {
  it('are listed, described, logged and cancelled while one runs and one waits', async () => {
    const nats = await startNatsServer();
    const { address } = await startService(nats.address, ['only']);
    const remote = new Remote(address);
    const none = await remote.run('jobs', '--json');
    expect([none.code, none.stdout]).toEqual([0, '']);

    const running = await remote.submit(...ENDLESS);
    const { ended } = await remote.logsUntil(running, 'epoch 2/20000');
    const waiting = await remote.submit(...SHORT);
    const [second, first] = await remote.jobs();
    expect(second).toMatchObject({ job: waiting, state: 'pending', progress: null });
    expect(second?.reason).toBe(`waits for 1 worker: 1 of 1 connected fit, 0 free; ${running} is running and holds 1`);
    expect(first).toMatchObject({ job: running, state: 'running', reason: '1 workers, 4 lanes' });
    expect(first?.progress).toMatchObject({ totalSteps: 300_000, workers: 1 });
    expect(first?.progress?.step).toBeGreaterThan(15);
    expect(first?.progress?.trainLoss).toBeGreaterThan(0);
    expect(first?.ageSeconds).toBeGreaterThan(second?.ageSeconds ?? Number.NaN);
    const { stdout: table } = await remote.run('jobs', '--limit', '2');
    expect(table).toMatch(/│ job +│ name +│ state +│ priority │ progress +│ left +│ age +│ reason +│/);
    expect(table).toMatch(
      new RegExp(`│ ${waiting} │ breast-cancer │ pending +│ 0 +│ - +│ - +│ \\S+ s +│ waits for 1 worker: 1 of 1 `),
    );
    expect(table).toMatch(
      new RegExp(`│ ${running} │ .* running +│ 0 +│ 0 %, \\d+/300000 {2}loss \\S+ {2}1 worker +│ \\S[^│]* (s|min) +│`),
    );

    const described = await remote.describe(running);
    expect(described.history.map(({ state }) => state)).toEqual(expect.arrayContaining(['preparing', 'running']));
    expect(described.history[0]).toMatchObject({ state: 'pending', reason: 'waits for its turn' });
    expect(described).toMatchObject({ spec: { train: { epochs: 20_000 } }, error: null, result: null, warnings: [] });
    expect(described.workers).toMatchObject([{ worker: 'only', change: 'ready', reason: 'network link' }]);
    const { stdout: text } = await remote.run('describe', running);
    expect(described).toMatchObject({ stalls: [], activity: { stall: null } });
    expect(described.activity?.workers).toMatchObject([{ worker: 'only', lanes: [0, 1, 2, 3] }]);
    expect(text).toMatch(/\nactivity +mean ms a step, newest \d+\n +coordinator {2}command \S+ {2}compute /);
    expect(text).toMatch(/\n +only +parameters \S+ {2}compute \S+ {2}send \S+ {2}lanes 0, 1, 2, 3/);

    const { stdout: workers } = await remote.run('workers');
    expect(workers).toMatch(
      new RegExp(`│ only +│ \\S+ +│ onnxruntime \\S+ │ cpu +│ [0-9a-f]{8} │ 1 +│ busy +│ ${running} │ \\S[^│]* s +│`),
    );
    expect(lastJson(await remote.run('workers', '--json'))).toMatchObject({
      ...{ worker: 'only', state: 'busy', job: running, replicas: 1, pid: expect.any(Number) },
      engine: { name: 'onnxruntime', provider: 'cpu', reproducible: true },
    });
    expect(text).toMatch(new RegExp(`^job +${running} \\(breast-cancer\\)\nstate +running: 1 workers, 4 lanes\n`));
    expect(text).toMatch(/\n +train: \{loss: binaryCrossEntropy, .*…\n/);

    const log = await remote.run('logs', running);
    expect(log.code, log.stderr).toBe(0);
    expect(log.stdout).toMatch(/^\S+T\S+Z {2}step {6}0 {2}pending waits for its turn\n/);
    expect(log.stdout).toMatch(/\n\S+Z {2}step {6}0 {2}worker only ready: network link\n/);
    expect(log.stdout).toMatch(/\n\S+Z {2}step +\d+ {2}epoch 1\/20000 {2}step 15\/300000 {2}loss /);

    const cancelWaiting = await remote.run('cancel', waiting, '--reason', 'not now', '--json');
    expect([cancelWaiting.code, lastJson(cancelWaiting)]).toEqual([
      ...[0, { job: waiting, state: 'cancelled', reason: 'not now', before: 'pending' }],
    ]);
    const suspended = await remote.run('suspend', running, '--reason', 'lunch', '--json');
    expect([suspended.code, lastJson(suspended)]).toEqual([
      ...[0, { job: running, state: 'suspended', reason: 'lunch', before: 'running' }],
    ]);
    const resumed = await remote.run('resume', running);
    expect([resumed.code, resumed.stdout]).toEqual([0, expect.stringMatching(`^${running} goes on; it is `)]);
    const resumedAgain = await remote.run('resume', running);
    expect(resumedAgain.stdout).toMatch(`${running} was not suspended; it is `);
    await expect.poll(async () => (await remote.describe(running)).state, { timeout: 30_000 }).toBe('running');

    const cancelRunning = await remote.run('cancel', running);
    expect([cancelRunning.code, cancelRunning.stdout]).toEqual([
      ...[0, `${running} is cancelled; it was running: 1 workers, 4 lanes\n`],
    ]);
    const followed = await ended;
    expect([followed.code, followed.stdout.trimEnd().split('\n').at(-1)]).toEqual([
      ...[1, expect.stringMatching(/ {2}cancelled cancelled by a client$/)],
    ]);
    const again = await remote.run('cancel', waiting, '--reason', 'another');
    expect([again.code, again.stdout]).toEqual([0, `${waiting} had ended already: cancelled, not now\n`]);
    const deleted = await remote.run('delete', waiting, '--json');
    expect([deleted.code, lastJson(deleted)]).toEqual([0, { job: waiting, state: 'cancelled', reason: 'not now' }]);
  });

  it('say how they ended: the result, or the failure with its fix', async () => {
    const nats = await startNatsServer();
    const remote = new Remote((await startService(nats.address, ['only'])).address);
    const good = await remote.submit(...SHORT);
    const bad = await remote.submit(...SHORT, '--set', 'data.label=nope');
    expect((await remote.run('logs', good, '-f')).code).toBe(0);
    const events = await remote.run('logs', bad, '-f', '--json');
    expect(events.code).toBe(1);
    expect(lastJson(events)).toMatchObject({ stateChanged: { state: 'JOB_STATE_FAILED' } });

    const watched = lastJson(await remote.run('watch', good, '--json'));
    const { result, state, progress } = await remote.describe(good);
    expect(result).toMatchObject({ parametersSha256: watched.parametersSha256, metrics: watched.metrics });
    expect([state, progress?.step, progress?.totalSteps]).toEqual(['succeeded', 15, 15]);
    expect((await remote.run('describe', good)).stdout).toContain(
      `sha-256 ${watched.parametersSha256}, 4 lanes, link network\n`,
    );
    expect((await remote.run('cancel', good)).stdout).toMatch(/ had ended already: succeeded, 15 steps, parameters /);
    const client = await LockstepClient.connect({ address: remote.server });
    onTestFinished(() => client.close());
    const listed = (await client.list()).jobs.find(({ id }) => id === good)?.result;
    expect(listed).toMatchObject({
      parametersSha256: watched.parametersSha256,
      metricsJson: '',
      historyCsv: '',
      curvesJson: '',
    });
    expect((await client.get(good)).result?.historyCsv).toMatch(/^epoch,/);
    const { error } = await remote.describe(bad);
    expect(error).toMatchObject({ code: 'DATA_COLUMN_NOT_FOUND', field: 'data.label', value: 'nope' });
    expect(error?.fix).toMatch(/^Use one that is there\./);
    expect((await remote.run('describe', bad)).stdout).toMatch(
      /\nfailure +DATA_COLUMN_NOT_FOUND: .*\n +field data\.label/,
    );
  });

  it('are listed over several pages, newest first, up to the limit', async () => {
    const nats = await startNatsServer();
    const { address } = await startService(nats.address, []);
    const remote = new Remote(address);
    const client = await LockstepClient.connect({ address });
    onTestFinished(() => client.close());
    const { sha256 } = await client.upload(DATA, 'data.csv');
    const request = { spec: readFileSync(SPEC, 'utf8'), uploads: { 'data.csv': sha256 } };
    const ids: string[] = [];
    for (let count = 0; count < 112; count++) ids.unshift((await client.submit(request)).id);
    const list = async (limit: string): Promise<string[]> =>
      (await remote.jobs('--limit', limit)).map(({ job }) => job);
    expect(await list('0')).toEqual(ids);
    expect(await list('101')).toEqual(ids.slice(0, 101));
    const shown = await remote.run('jobs');
    expect(shown.stdout.match(/^│ breast-cancer-/gm)).toHaveLength(50);
    expect(shown.stderr).toBe('the newest 50; --limit 0 lists all\n');
    const refused = await remote.run('jobs', '--limit', 'many', '--json');
    expect([refused.code, lastJson(refused).error?.field]).toEqual([2, '--limit']);
  });

  it('that do not exist are named, with where to look', async () => {
    const nats = await startNatsServer();
    const remote = new Remote((await startService(nats.address, [])).address);
    for (const verb of ['describe', 'cancel', 'delete', 'logs']) {
      const result = await remote.run(verb, 'nope', '--json');
      expect([verb, result.code, lastJson(result).error]).toMatchObject([
        ...[verb, 2, { code: 'JOB_NOT_FOUND', value: 'nope', fix: expect.stringContaining('lockstep jobs') }],
      ]);
    }
  });
});

/** A service that `lockstep up` runs. */
interface Up {
  readonly command: ChildProcess;
  readonly remote: Remote;
  readonly ended: Promise<CommandResult>;
}

async function startUp(store: string): Promise<Up> {
  const args = ['up', '--workers', '1', '--port', '0', '--store', store];
  const command = startLockstep(args, { detached: true });
  onTestFinished(() => void command.kill('SIGKILL'));
  const ended = finish(command);
  const greeting = await seen(command, 'stdout', '\nnext ', ended);
  const [, server = ''] = /^coordinator (\S+) {2}metrics http:\S+ {2}workers 1 {2}store /m.exec(greeting) ?? [];
  expect(greeting).toMatch(new RegExp(`\nnext +lockstep submit job\\.yaml --server ${server}\n`));
  return { command, remote: new Remote(server), ended };
}

/** Ctrl-C in a terminal: every process of the foreground group gets the signal. */
function pressCtrlC({ command }: Up): void {
  process.kill(-(command.pid as number), 'SIGINT');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const FORTY = [...ONE_WORKER, '--set', 'train.epochs=40'];
/** Checkpoints of Ctrl-C alone: no epoch ends, and no time is up, before the signal comes. */
const ONE_EPOCH = [...ONE_WORKER, '--set', 'train.epochs=1', '--set', 'train.batchSize=1'];

describe('a service in the foreground', () => {
  it('keeps the last step of a job on Ctrl-C and goes on with it at the next up', async () => {
    const store = join(scratch(), 'store');
    const first = await startUp(store);
    const job = await first.remote.submit(...ONE_EPOCH);
    await first.remote.logsUntil(job, 'step 1/455');
    const children = childrenOf(first.command, '');
    expect(children.length).toBeGreaterThanOrEqual(3);
    pressCtrlC(first);
    const stopped = await first.ended;
    expect([stopped.code, stopped.signal], stopped.stderr).toEqual([130, null]);
    expect(stopped.stderr).toMatch(/\nstopped; what has not ended goes on with: lockstep up --workers 1 .*--store /);
    expect(children.filter(isAlive)).toEqual([]);

    const second = await startUp(store);
    const { ended } = await second.remote.logsUntil(job, 'goes on from the checkpoint of step');
    const followed = await ended;
    expect(followed.code, followed.stdout + followed.stderr).toBe(0);
    expect(followed.stdout).toContain('step 1/455');
    expect(followed.stderr).not.toContain('are gone');
    const calm = await trainJson([SPEC, ...ONE_EPOCH, '--out', join(scratch(), 'calm')]);
    expect((await second.remote.describe(job)).result?.parametersSha256).toBe(calm.parametersSha256);
    second.command.kill('SIGTERM');
    const { code, stderr } = await second.ended;
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('index of jobs')]);

    rmSync(join(store, 'nats'), { recursive: true });
    const third = await startUp(store);
    await seen(third.command, 'stderr', 'NATS was deleted; 1 of 1 records were written again', third.ended);
    expect(await third.remote.describe(job)).toMatchObject({ state: 'succeeded' });
  });

  it('starts a worker again that dies, and the job goes on', async () => {
    const service = await startUp(join(scratch(), 'store'));
    const job = await service.remote.submit(...FORTY);
    const { ended } = await service.remote.logsUntil(job, 'epoch 2/40');
    const [worker = 0] = childrenOf(service.command, ' worker ');
    process.kill(worker, 'SIGKILL');
    await seen(service.command, 'stderr', 'worker-0 ended: killed by SIGKILL; it starts again in 0.5 s', service.ended);
    const followed = await ended;
    expect(followed.code, followed.stdout).toBe(0);
    expect((await service.remote.describe(job)).result?.parametersSha256).toBe(await calmParameters());
    expect(childrenOf(service.command, ' worker ')).not.toContain(worker);
  });

  it('ends with 1 when its coordinator dies, and leaves nothing running', async () => {
    const service = await startUp(join(scratch(), 'store'));
    const children = childrenOf(service.command, '');
    process.kill(childrenOf(service.command, ' coordinator ')[0] as number, 'SIGKILL');
    const { code, stderr } = await service.ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining('The coordinator ended: killed by SIGKILL.')]);
    expect(children.filter(isAlive)).toEqual([]);
  });

  it('refuses at once what no further start can mend', async () => {
    const args = ['--port', '0', '--store', join(scratch(), 'store')];
    const device = await lockstep(['up', '--device', 'abacus', ...args]);
    expect([device.code, device.stderr]).toEqual([2, expect.stringContaining('--device is "abacus"')]);
    const workers = await lockstep(['up', '--workers', 'two', ...args]);
    expect([workers.code, workers.stderr]).toEqual([2, expect.stringContaining('--workers')]);
  });
});
