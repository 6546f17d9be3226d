/** Where results go: folders that two runs ask for at once, pipes and links as files, and ends by a signal in between. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { startService } from '../support/service.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const DATA = join(ROOT, 'examples/breast-cancer/data.csv');
/** Longer than any test looks at it. */
const ENDLESS = ['--workers', '1', '--set', 'train.epochs=20000'];
const SHORT = ['--workers', '1', '--set', 'train.epochs=1'];
/** Standard output by a name at which a fault can replace nothing of the machine, as it could /dev/stdout. */
const STDOUT = '/proc/self/fd/1';
const work = mkdtempSync(join(tmpdir(), 'lockstep-outputs-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

const jsonLines = ({ stdout }: CommandResult): number => stdout.trimEnd().split('\n').length;

describe('train', () => {
  it('holds the folder of --out against a second one; interrupted twice, it ends with its object all the same', async () => {
    const out = join(scratch(), 'out');
    const first = startLockstep(['train', SPEC, ...ENDLESS, '--out', out, '--json']);
    const ended = finish(first);
    await seen(first, 'stderr', 'epoch 1/', ended);
    for (const more of [[], ['--resume']]) {
      const second = await lockstep(['train', SPEC, ...SHORT, '--out', out, '--json', ...more]);
      expect([second.code, lastJson(second).state]).toEqual([2, 'failed']);
      expect(lastJson(second).error).toMatchObject({ code: 'OUTPUT_IN_USE', field: '--out', value: out });
      expect(lastJson(second).error?.message).toContain(`Process ${first.pid} `);
    }
    first.kill('SIGINT');
    await seen(first, 'stderr', 'again to stop at once', ended);
    first.kill('SIGINT');
    const result = await ended;
    expect([result.code, jsonLines(result)]).toEqual([130, 1]);
    const job = expect.stringMatching(/^breast-cancer-/);
    expect(lastJson(result)).toMatchObject({ state: 'cancelled', job, error: { code: 'INTERRUPTED' } });
    expect(existsSync(join(out, 'run.lock'))).toBe(false);
  });

  it('takes a folder of its own where two start at once with one name', async () => {
    const cwd = scratch();
    const models = await Promise.all([1, 2].map(() => trainJson([SPEC, ...SHORT], { cwd }).then(({ model }) => model)));
    const folders = models.map((model) => dirname(model).slice(join(cwd, 'runs').length));
    expect(folders.sort()).toEqual(['/breast-cancer', '/breast-cancer-2']);
  });
});

describe('predict', () => {
  let model = '';
  beforeAll(async () => {
    ({ model } = await trainJson([SPEC, ...SHORT, '--out', join(work, 'run')]));
  });

  it.skipIf(process.platform !== 'linux')(
    'writes into standard output by its name, and where a link leads',
    async () => {
      const toStdout = await lockstep(['predict', model, DATA, '--out', STDOUT, '--json']);
      expect(lastJson(toStdout)).toMatchObject({ state: 'succeeded', rows: 569 });
      symlinkSync('far.csv', join(work, 'link.csv'));
      expect((await lockstep(['predict', model, DATA, '--out', join(work, 'link.csv')])).code).toBe(0);
      const lines = readFileSync(join(work, 'far.csv'), 'utf8');
      expect(toStdout.stdout.startsWith(lines)).toBe(true);
    },
  );

  it('refuses to replace the table or the model that it reads, by whatever name', async () => {
    const folder = scratch();
    writeFileSync(join(folder, 'new.csv'), readFileSync(DATA));
    symlinkSync('new.csv', join(folder, 'link.csv'));
    for (const [out, read] of [
      [join(folder, 'link.csv'), 'new.csv'],
      [model, model],
    ] as const) {
      const result = await lockstep(['predict', model, 'new.csv', '--out', out, '--json'], { cwd: folder });
      expect([result.code, lastJson(result).error]).toMatchObject([2, { code: 'USAGE', field: '--out', value: out }]);
      expect(lastJson(result).error?.message).toContain(read);
    }
    expect(readFileSync(join(folder, 'new.csv'))).toEqual(readFileSync(DATA));
  });

  it('names its own arguments, not keys of a spec', async () => {
    const run = async (...args: readonly string[]): Promise<unknown> => {
      const result = await lockstep([...args, '--json']);
      return { ...lastJson(result).error, exit: result.code };
    };
    const gone = join(work, 'gone.csv');
    const noData = { code: 'DATA_NOT_FOUND', field: 'DATA', value: gone, fix: 'Check the path.', exit: 2 };
    expect(await run('predict', model, gone, '--out', join(work, 'x.csv'))).toMatchObject(noData);
    expect(await run('evaluate', model, gone)).toMatchObject(noData);
    expect(await run('init', gone, '--label', 'y', '--out', join(work, 'x.yaml'))).toMatchObject(noData);
    const noModel = { code: 'MODEL_UNREADABLE', field: 'MODEL', value: DATA, exit: 2 };
    expect(await run('evaluate', DATA, DATA)).toMatchObject(noModel);
  });

  it('leaves nothing of a file when it is interrupted', async () => {
    const folder = scratch();
    const [header = '', ...rows] = readFileSync(DATA, 'utf8').trimEnd().split('\n');
    writeFileSync(join(folder, 'many.csv'), `${header}\n${`${rows.join('\n')}\n`.repeat(200)}`);
    mkdirSync(join(folder, 'out'));
    const args = ['predict', model, join(folder, 'many.csv'), '--out', join(folder, 'out/scores.csv'), '--json'];
    const command = startLockstep(args);
    const ended = finish(command);
    await expect.poll(() => readdirSync(join(folder, 'out')), { timeout: 60_000, interval: 5 }).toHaveLength(1);
    command.kill('SIGINT');
    const result = await ended;
    expect([result.code, readdirSync(join(folder, 'out'))]).toEqual([130, []]);
    expect(lastJson(result)).toMatchObject({ state: 'cancelled', error: { code: 'INTERRUPTED' } });
  });
});

it('submit names the job that goes on when it is interrupted, and one that is cancelled', async () => {
  const nats = await startNatsServer();
  const { address } = await startService(nats.address, ['w0']);
  const out = join(scratch(), 'out');
  const submit = async (end: (job: string, kill: () => void) => unknown): Promise<CommandResult> => {
    const command = startLockstep(['submit', SPEC, ...ENDLESS, '--server', address, '--out', out, '--json']);
    const ended = finish(command);
    const printed = await seen(command, 'stderr', 'epoch 1/', ended);
    await end(/job (breast-cancer-\w+);/.exec(printed)?.[1] ?? '', () => command.kill('SIGINT'));
    return ended;
  };
  let job = '';
  const interrupted = await submit((id, interrupt) => {
    job = id;
    interrupt();
  });
  expect([interrupted.code, jsonLines(interrupted)]).toEqual([130, 1]);
  const fix = expect.stringContaining(`lockstep watch ${job} --server ${address}`);
  expect(lastJson(interrupted)).toMatchObject({ state: 'cancelled', job, error: { code: 'INTERRUPTED', fix } });
  await lockstep(['cancel', job, '--server', address]);
  const cancelled = await submit((id) => lockstep(['cancel', id, '--server', address]));
  expect([cancelled.code, lastJson(cancelled).state, lastJson(cancelled).error?.code]).toEqual([
    1,
    'cancelled',
    'JOB_CANCELLED',
  ]);
});
