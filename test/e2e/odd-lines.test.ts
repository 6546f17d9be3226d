/** Command lines that are odd in themselves: each ends at once, in the words of the catalogue. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, lastJson, lockstep, ROOT, scratch, trainJson } from '../support/lockstep.ts';
import { startNatsServer } from '../support/nats-server.ts';
import { startCoordinator } from '../support/service.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const WINE = join(ROOT, 'examples/wine/data.csv');

describe.skipIf(!existsSync('/proc'))('a folder below /proc, where none can be made', () => {
  it.each([
    ['--store', ['coordinator', '--port', '0', '--store', '/proc/none/a']],
    ['--store', ['coordinator', '--port', '0', '--nats', 'nats://127.0.0.1:1', '--store', '/proc/none/a']],
    ['--store', ['up', '--port', '0', '--store', '/proc/none/a']],
    ['--out', ['train', SPEC, '--out', '/proc/none/a']],
    ['--out', ['init', join(ROOT, 'examples/wine/data.csv'), '--label', 'target', '--out', '/proc/none/a']],
  ])('is refused as %s of %j', async (field, args) => {
    const result = await lockstep(args);
    expect(result.code, result.stderr).toBe(2);
    expect(result.stderr).toMatch(/^error OUTPUT_UNWRITABLE: \/proc\/none\/a cannot be written: .*\/proc\/none'$/m);
    expect(result.stderr).toContain(`field ${field}`);
  });
});

describe('a command line that cannot be read', () => {
  it.each([
    ['trian x', 'VERB', "Unknown command 'trian'.", 'Use train. See `lockstep --help`.'],
    ['train', 'SPEC', "Missing required argument 'spec'.", 'See `lockstep train --help`.'],
    ['train x --otu y', '--otu', "Unknown option '--otu'.", 'Use --out. See `lockstep train --help`.'],
    ['submit x --no-wiat', '--no-wiat', "Unknown option '--no-wiat'.", 'Use --no-wait. See `lockstep submit --help`.'],
    ['jobs -q', '-q', "Unknown option '-q'.", 'See `lockstep jobs --help`.'],
    ['init x', '--label', "Required option '--label <column>' not specified.", 'Add --label <column>.'],
    ['validate a b', '', "Too many arguments for 'validate'.", 'Leave out what is too much'],
    ['--json', '--json', "Unknown option '--json'.", 'See `lockstep --help`.'],
    ['help trian', '', 'No verb was understood.', 'See `lockstep --help`.'],
  ])('is a usage error with field and fix: %s', async (line, field, message, fix) => {
    const result = await lockstep([...line.split(' '), '--json']);
    expect(result.code).toBe(2);
    const { state, error } = lastJson(result);
    expect([state, error?.code, error?.field]).toEqual(['failed', 'USAGE', field]);
    expect([error?.message, error?.fix]).toEqual([expect.stringContaining(message), expect.stringContaining(fix)]);
    expect(result.stderr).toContain(`error USAGE: ${error?.message}\n`);
    expect(result.stderr.endsWith(`  fix   ${error?.fix}\n`)).toBe(true);
  });

  it.each(['train x --out', 'train x --set'])('is one where an option has no value: %s', async (line) => {
    const option = line.split(' ').at(-1) ?? '';
    const { code, stderr } = await lockstep(line.split(' '));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      new RegExp(
        `^error USAGE: Option '${option} <.+>' argument missing\\.\n  field ${option}\n  fix   Write ${option} <`,
      ),
    );
  });
});

describe('a number beyond a limit', () => {
  it.each([
    [['chaos', SPEC, '--faults', '999999'], '--faults is above 1000.'],
    [['up', '--workers', '1025'], '--workers is above 1024.'],
    [['jobs', '--server', 'localhost:1', '--limit', '1000000'], '--limit is above 999999.'],
  ])('is refused before anything starts: %j', async (args, message) => {
    const { code, stdout, stderr } = await lockstep(args);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `error USAGE: ${message}\n  field ${args.at(-2)}\n  value ${args.at(-1)}\n  fix   Use a whole number from 0 to`,
    );
    expect(stdout).toBe('');
  });
});

it('submit refuses --out beside --no-wait, and names the way to fetch a run later', async () => {
  const result = await lockstep(['submit', SPEC, '--server', 'localhost:1', '--no-wait', '--out', 'a', '--json']);
  expect(result.code).toBe(2);
  expect(lastJson(result).error).toMatchObject({
    ...{ code: 'USAGE', field: '--out', value: 'a' },
    fix: expect.stringContaining('lockstep watch JOB --out DIR'),
  });
});

describe('a value of nothing, as a variable that is not set leaves it', () => {
  it.each([
    ['--out', 'Give it one, or leave it out.', ['train', SPEC, '--out', '']],
    ['--store', 'Give it one, or leave it out.', ['coordinator', '--port', '0', '--store', '']],
    ['JOB|MODEL', 'Give it one.', ['describe', '', '--server', 'localhost:1']],
    ['SPEC', 'Give it one.', ['validate', '']],
  ])('is refused: %s', async (field, fix, args) => {
    const { code, stderr } = await lockstep(args, { cwd: scratch() });
    expect([code, stderr]).toEqual([
      2,
      `error USAGE: ${field} has an empty value.\n  field ${field}\n  fix   ${fix}\n`,
    ]);
  });
});

describe.skipIf(!existsSync('/dev/zero'))('what is no file of its kind', () => {
  it('a spec that never ends is not read to its end', async () => {
    const { code, stderr } = await lockstep(['validate', '/dev/zero']);
    expect(code).toBe(2);
    expect(stderr).toContain('error USAGE: The job spec /dev/zero cannot be read: it has more than 4194304 bytes\n');
  });

  it.each([
    ['init', '/dev/zero', '--label', 'x'],
    ['init', '/dev/null', '--label', 'x'],
  ])('data that is a device is said to be one: %s %s', async (...args) => {
    const { code, stderr } = await lockstep(args, { cwd: scratch() });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error DATA_UNREADABLE: (zero|null) is a pipe or a device\.\n {2}field DATA$/m);
  });

  it('data that comes through a pipe is said to be one', async () => {
    const line = `cat '${WINE}' | '${process.execPath}' '${BIN}' init /dev/stdin --label target --json`;
    const result = spawnSync('sh', ['-c', line], {
      encoding: 'utf8',
      cwd: scratch(),
      env: { ...process.env, NO_COLOR: '1' },
    });
    expect(result.stderr).toContain('error DATA_UNREADABLE: stdin is a pipe or a device.');
  });
});

describe('an odd word', () => {
  it('a port of a server above all ports is refused at once', async () => {
    const { code, stderr } = await lockstep(['worker', '--server', 'localhost:99999']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('with a port up to 65535')]);
  });

  it.each(['train.epochs', '=3'])('--set %s says what is wrong with it', async (word) => {
    const { code, stderr } = await lockstep(['validate', SPEC, '--set', word]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('error USAGE: --set has no key, or no value.')]);
  });

  it('the name of a worker of several lines is refused by the coordinator', async () => {
    const nats = await startNatsServer();
    const coordinator = await startCoordinator({ nats: nats.address });
    const { code, stderr } = await lockstep(['worker', '--server', coordinator.address, '--name', 'a\nb']);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain('error LIMIT_EXCEEDED: --name has a control character, such as a new line.');
  });

  it('a column that predict is to keep twice is there once', async () => {
    const folder = scratch();
    await trainJson([SPEC, '--set', 'train.epochs=1', '--workers', '1', '--out', join(folder, 'run')]);
    const data = join(ROOT, 'examples/breast-cancer/data.csv');
    const { stdout } = await lockstep(['predict', join(folder, 'run/model.onnx'), data, '--keep', 'target,,target']);
    expect(stdout.split('\n')[0]).toBe('target,prediction,probability');
  });
});

describe('a spec', () => {
  it('that comes through a pipe has its data in the working directory', () => {
    const line = `cat job.yaml | '${process.execPath}' '${BIN}' validate /dev/stdin`;
    const result = spawnSync('sh', ['-c', line], {
      encoding: 'utf8',
      cwd: join(ROOT, 'examples/wine'),
      env: { ...process.env, NO_COLOR: '1' },
    });
    expect([result.status, result.stderr]).toEqual([0, expect.stringContaining('data.csv fits: 14 columns, 178 rows')]);
  });

  it('that is not in UTF-8 is refused, not read with other letters', async () => {
    const path = join(scratch(), 'job.yaml');
    writeFileSync(path, Buffer.from('name: gr\u00f6sse\n', 'latin1'));
    const { code, stderr } = await lockstep(['validate', path]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error USAGE: The job spec .* cannot be read: .*utf-8/)]);
  });
});
