/** Cases of runs: evaluation, damaged checkpoints, workers that come and go, what an end leaves, a small NATS. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CheckpointFolder } from '../../packages/coordinator/src/adapters/checkpoint-folder.ts';
import { eventPoints, lasting } from '../../packages/coordinator/src/testing/event-points.ts';
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
import { freePort, startNatsServer } from '../support/nats-server.ts';
import { childrenOf, processTable } from '../support/processes.ts';
import { metricsPage, startService, startWorker, sumOf } from '../support/service.ts';

const CASES = join(ROOT, 'test/cases');
const specOf = (name: string): string => join(CASES, name, 'job.yaml');

interface RunMetrics {
  readonly test: Readonly<Record<string, number>>;
  readonly confusionMatrix: { readonly counts: readonly (readonly number[])[] };
  readonly rows: { readonly test: number };
}

/** An event as `logs --json` prints it. */
interface LoggedEvent {
  readonly step: number | string;
  readonly workerChanged?: { readonly workerId: string; readonly change: string };
}

/** Those of some processes that are still there. */
const alive = (pids: readonly number[]): number[] => {
  const rows = new Set(processTable().map(({ pid }) => pid));
  return pids.filter((pid) => rows.has(pid));
};

const sum = (counts: readonly (readonly number[])[]): number => counts.flat().reduce((total, count) => total + count);

describe('32: an evaluation', () => {
  const name = '32-evaluation-counts-each-row-once';

  it('counts each row once, however many workers share it', async () => {
    const table = join(CASES, name, 'test.csv');
    const seenMetrics = new Set<string>();
    for (const workers of ['1', '2', '3', '4']) {
      const out = join(scratch(), 'out');
      const run = await trainJson([specOf(name), '--set', 'split.test=0.5', '--workers', workers, '--out', out]);
      const metrics = JSON.parse(readFileSync(join(out, 'metrics.json'), 'utf8')) as RunMetrics;
      expect(sum(metrics.confusionMatrix.counts)).toBe(metrics.rows.test);
      const evaluated = await lockstep(['evaluate', run.model, table, '--json']);
      const { confusionMatrix } = lastJson(evaluated) as unknown as RunMetrics;
      expect(sum(confusionMatrix.counts)).toBe(7);
      seenMetrics.add(JSON.stringify(metrics) + evaluated.stdout);
      if (workers !== '4') continue;
      const predicted = await lockstep(['predict', run.model, table, '--keep', 'id']);
      const ids = predicted.stdout.trimEnd().split('\n').slice(1);
      expect(ids.map((line) => line.split(',')[0])).toEqual(['t1', 't2', 't3', 't4', 't5', 't6', 't7']);
    }
    expect(seenMetrics.size).toBe(1);
  });
});

describe('37: a run whose newest checkpoints are damaged', () => {
  const name = '37-torn-checkpoint';
  const LONG = ['--set', 'train.epochs=90', '--set', 'run.checkpoints.everySeconds=0.05'];

  it('goes on from the newest whole one and says what it passed over; with none left it is refused', async () => {
    // Its checkpoints and workers leave no trace in the parameters.
    const plain = ['--set', 'run.checkpoints.everySeconds=1000', '--workers', '1'];
    const calm = await trainJson([specOf(name), ...LONG, ...plain, '--out', join(scratch(), 'calm')]);
    const out = join(scratch(), 'out');
    const command = startLockstep(['train', specOf(name), ...LONG, '--out', out]);
    const ended = finish(command);
    await seen(command, 'stderr', 'epoch 20/90', ended);
    const family = childrenOf(command, '');
    command.kill('SIGKILL');
    await ended;
    await expect.poll(() => alive(family), { timeout: 20_000, interval: 100 }).toEqual([]);
    const checkpoints = join(out, 'checkpoints');
    const files = (): string[] => readdirSync(checkpoints).filter((file) => file.endsWith('.ckpt'));
    // What was being written is no checkpoint, and must not be taken for the newest.
    for (const file of readdirSync(checkpoints)) if (!file.endsWith('.ckpt')) rmSync(join(checkpoints, file));
    const stood = files().sort();
    expect(stood.length).toBeGreaterThanOrEqual(3);
    execFileSync('sh', [join(CASES, name, 'tear.sh'), out]);
    const resumed = await lockstep(['train', specOf(name), ...LONG, '--out', out, '--resume', '--json']);
    expect(resumed.code, resumed.stderr).toBe(0);
    const passed = [...resumed.stderr.matchAll(/warning (\S+) is passed over: (.+)\./g)];
    expect(passed.map(([, path]) => path?.split('/').at(-1))).toEqual(stood.slice(-2).reverse());
    expect(passed.every(([, , why]) => (why ?? '').length > 10)).toBe(true);
    expect(resumed.stderr).toContain(`rewound to step ${Number(/\d+/.exec(stood.at(-3) ?? '')?.[0])}`);
    expect(lastJson(resumed).parametersSha256).toBe(calm.parametersSha256);
    // TensorBoard draws one curve: no step twice, and none that is missing.
    const points = async (run: string): Promise<string[]> => lasting(await eventPoints(join(run, 'events')));
    expect(await points(out)).toEqual(await points(dirname(calm.model)));

    for (const file of files()) writeFileSync(join(checkpoints, file), 'damaged');
    const before = files().sort();
    const refused = await lockstep(['train', specOf(name), ...LONG, '--out', out, '--resume', '--json']);
    expect([refused.code, lastJson(refused).error?.code]).toEqual([1, 'CHECKPOINT_DAMAGED']);
    expect(files().sort()).toEqual(before);
    expect(before.every((file) => readFileSync(join(checkpoints, file), 'utf8') === 'damaged')).toBe(true);
  });
});

/** Follows a job until it has ended an epoch. */
async function epochSeen(job: string, server: string, epoch: string): Promise<void> {
  const command = startLockstep(['logs', job, '-f', '--server', server]);
  onTestFinished(() => void command.kill('SIGKILL'));
  await seen(command, 'stdout', `epoch ${epoch}`, finish(command));
  command.kill('SIGKILL');
}

async function submitted(spec: string, server: string, ...options: readonly string[]): Promise<string> {
  const result = await lockstep(['submit', spec, ...options, '--server', server, '--no-wait', '--json']);
  expect(result.code, result.stderr).toBe(0);
  return (lastJson(result) as unknown as { job: string }).job;
}

describe('38: workers that come and go', () => {
  const name = '38-elastic-keeps-batch-and-rate';
  const LONG = ['--set', 'train.epochs=250'];
  const STEPS = 250 * 4;
  /** Everything of history.csv but the seconds. */
  const history = (out: string): string[] =>
    readFileSync(join(out, 'history.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(0, line.lastIndexOf(',')));

  it('change no step, epoch, learning rate or loss; steps never go back', async () => {
    const calm = join(scratch(), 'calm');
    const { parametersSha256 } = await trainJson([specOf(name), ...LONG, '--workers', '1', '--out', calm]);

    const nats = await startNatsServer();
    const { address, coordinator, workers } = await startService(nats.address, ['one', 'two', 'three', 'four']);
    const out = join(scratch(), 'out');
    const job = await submitted(specOf(name), address, ...LONG, '--set', 'run.workers=4');
    const watching = lockstep(['watch', job, '--server', address, '--out', out, '--json']);
    await epochSeen(job, address, '10/');
    await workers[0]?.end('SIGKILL');
    await workers[1]?.end('SIGTERM');
    await Promise.all([startWorker('five', address), startWorker('six', address)]);
    await epochSeen(job, address, '90/');
    await workers[2]?.end('SIGKILL');
    await startWorker('seven', address);
    const watched = await watching;
    expect(watched.code, watched.stderr).toBe(0);
    expect(lastJson(watched).parametersSha256).toBe(parametersSha256);
    expect(history(out)).toEqual(history(calm));

    const page = await metricsPage(coordinator);
    expect(sumOf(page, 'lockstep_steps_total ')).toBe(STEPS);
    expect(sumOf(page, 'lockstep_lost_steps_total ')).toBe(0);
    expect(sumOf(page, 'lockstep_samples_total ')).toBe(250 * 30);
    const log = (await lockstep(['logs', job, '--server', address, '--json'])).stdout.trimEnd().split('\n');
    const events = log.map((line) => JSON.parse(line) as LoggedEvent);
    const ready = events.flatMap(({ workerChanged }) =>
      workerChanged?.change === 'ready' ? [workerChanged.workerId] : [],
    );
    expect(ready).toEqual(expect.arrayContaining(['five', 'six', 'seven']));
    const steps = events.map(({ step }) => Number(step));
    expect(steps).toEqual([...steps].sort((left, right) => left - right));
  });
});

describe('39: a run that would take for ever', () => {
  const name = '39-orphan-workers';

  /** A run in the middle of training, on a port of its own. */
  async function started(
    out: string,
    port: number,
  ): Promise<{
    command: ReturnType<typeof startLockstep>;
    ended: Promise<CommandResult>;
    family: number[];
  }> {
    const command = startLockstep(['train', specOf(name), '--workers', '2', '--port', String(port), '--out', out]);
    onTestFinished(() => void command.kill('SIGKILL'));
    const ended = finish(command);
    await seen(command, 'stderr', 'epoch 3/', ended);
    return { command, ended, family: childrenOf(command, '') };
  }

  it('lets a worker go in order, ends on SIGINT, starts again at once on its port, and leaves nothing when killed', async () => {
    const port = await freePort();
    const out = join(scratch(), 'out');
    const { command, ended, family } = await started(out, port);
    const [, leaving = 0] = childrenOf(command, ' worker ');
    process.kill(leaving, 'SIGTERM');
    await seen(command, 'stderr', 'worker-1 ended: exit code 0', ended);
    await seen(command, 'stderr', '\nepoch ', ended);
    command.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code, stderr).toBe(130);
    expect(stderr).not.toMatch(/LANES_MOVED|moved to/);
    expect(alive(family)).toEqual([]);
    const newest = await new CheckpointFolder(join(out, 'checkpoints')).newest(() => {});
    expect(newest?.step).toBeGreaterThan(0);

    const second = await started(join(scratch(), 'out'), port);
    second.command.kill('SIGKILL');
    await expect.poll(() => alive(second.family), { timeout: 20_000, interval: 200 }).toEqual([]);
    const third = await started(join(scratch(), 'out'), port);
    third.command.kill('SIGTERM');
    expect((await third.ended).code).toBe(130);
  });
});

describe('41: a job that asks for workers that are not there', () => {
  it('says what it needs and what there is, and fails once its time is up', async () => {
    const nats = await startNatsServer();
    const { address } = await startService(nats.address, ['one', 'two']);
    const spec = specOf('41-pending-without-a-reason');
    const job = await submitted(spec, address, '--set', 'run.queueTimeoutSeconds=8');
    const NEEDS = 'needs 3 cuda workers, 0 of 2 connected have cuda';
    const logs = startLockstep(['logs', job, '-f', '--server', address]);
    onTestFinished(() => void logs.kill('SIGKILL'));
    await seen(logs, 'stdout', NEEDS, finish(logs));
    const listed = JSON.parse((await lockstep(['jobs', '--server', address, '--json'])).stdout) as object;
    expect(listed).toMatchObject({ job, state: 'pending', reason: NEEDS });
    const watched = await lockstep(['watch', job, '--server', address, '--json']);
    expect(watched.code).toBe(1);
    expect(lastJson(watched).error).toMatchObject({
      ...{
        code: 'JOB_QUEUE_TIMEOUT',
        field: 'run.queueTimeoutSeconds',
        value: '8',
        message: expect.stringContaining(NEEDS),
      },
    });
  });
});

describe('42: jobs with long and odd names', () => {
  const name = '42-long-job-name';
  const NAMES = readFileSync(join(CASES, name, 'names.txt'), 'utf8')
    .trimEnd()
    .split('\n');

  it('run and list under their own names, with ids and folders that any system takes', async () => {
    const nats = await startNatsServer();
    const { address } = await startService(nats.address, ['one']);
    const cwd = scratch();
    const twice = [...NAMES, NAMES[0] as string];
    for (const each of twice) {
      const args = ['--server', address, '--json', '--quiet', '--set', `name=${JSON.stringify(each)}`];
      const run = await lockstep(['submit', specOf(name), ...args], { cwd });
      expect(run.code, run.stderr).toBe(0);
    }
    const listed = (await lockstep(['jobs', '--server', address, '--json'])).stdout.trimEnd().split('\n');
    const jobs = listed.map((line) => JSON.parse(line) as { job: string; name: string; state: string });
    expect(jobs.map((job) => [job.name, job.state]).reverse()).toEqual(twice.map((each) => [each, 'succeeded']));
    const folders = readdirSync(join(cwd, 'runs'));
    expect(readdirSync(cwd)).toEqual(['runs']);
    expect(new Set(folders).size).toBe(twice.length);
    for (const each of [...folders, ...jobs.map(({ job }) => job)]) {
      expect(each).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/);
    }
  });
});

describe('43: a nats-server that takes small messages', () => {
  const name = '43-nats-small-payload';
  const LONG = ['--set', 'train.epochs=50'];

  it('trains to the bits of default limits, over a restart of it; steps are neither lost nor applied twice', async () => {
    const calm = await trainJson([specOf(name), ...LONG, '--workers', '1', '--out', join(scratch(), 'calm')]);
    const args = ['--config', join(CASES, name, 'nats.conf')];
    const nats = await startNatsServer({ args });
    const { address, coordinator } = await startService(nats.address, ['one', 'two']);
    const job = await submitted(specOf(name), address, ...LONG);
    await epochSeen(job, address, '10/');
    await nats.stop();
    await startNatsServer({ port: nats.port, args });
    const watched = await lockstep(['watch', job, '--server', address, '--json']);
    expect(watched.code, watched.stderr).toBe(0);
    expect(lastJson(watched).parametersSha256).toBe(calm.parametersSha256);
    expect(sumOf(await metricsPage(coordinator), 'lockstep_steps_total ')).toBe(50 * 8);
  });

  it('is refused where a chunk has no room, with the number found and the number needed', async () => {
    const config = join(scratch(), 'nats.conf');
    writeFileSync(config, 'max_payload: 1024\n');
    const nats = await startNatsServer({ args: ['--config', config] });
    const url = `nats://${nats.address}`;
    const result = await lockstep(['train', specOf(name), '--nats', url, '--out', join(scratch(), 'out'), '--json']);
    expect([result.code, lastJson(result).error?.code]).toEqual([3, 'NATS_PAYLOAD_TOO_SMALL']);
    expect(lastJson(result).error?.message).toMatch(/has max_payload 1024; at least 4096 is needed/);
  });
});
