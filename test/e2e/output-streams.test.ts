/** Output that nobody reads, or that cannot be written: a command says so, or goes on, and never in a stack trace. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BIN, type CommandResult, lastJson, lockstep, ROOT, scratch } from '../support/lockstep.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const hasFullDevice = existsSync('/dev/full');

/** Runs a line of shell in which `lockstep` is the command; what it leaves of temporary files is looked at. */
function shell(line: string): CommandResult & { readonly left: readonly string[] } {
  const temporary = scratch();
  const script = `set -o pipefail; lockstep() { "${process.execPath}" "${BIN}" "$@"; }; ${line}`;
  const env = { ...process.env, NO_COLOR: '1', TMPDIR: temporary };
  const { status, signal, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env });
  return { code: status, signal, stdout, stderr, left: readdirSync(temporary) };
}

const train = (more = ''): string =>
  `lockstep train "${SPEC}" --set train.epochs=1 --out "${scratch()}" --json ${more}`;

describe('standard output', () => {
  it('whose reader leaves ends a command with its own exit code', () => {
    const text = shell('lockstep explain | head -0');
    expect(text).toMatchObject({ code: 0, stderr: '' });
    const failed = shell('lockstep train absent.yaml --json | head -0');
    expect(failed.code).toBe(2);
    expect(failed.stderr).toContain('absent.yaml');
  });

  it.skipIf(!hasFullDevice)('that is full ends a command with DISK_FULL', () => {
    for (const line of [`lockstep validate "${SPEC}"`, train()]) {
      const { code, stderr, left } = shell(`${line} > /dev/full`);
      expect(code, stderr).toBe(1);
      expect(stderr).toContain('error DISK_FULL: Standard output cannot be written');
      expect(left).toEqual([]);
    }
  });
});

describe('standard error', () => {
  it.each([
    ['whose reader leaves', '2> >(:)'],
    ['that is closed', '2>&-'],
    ...(hasFullDevice ? [['that is full', '2> /dev/full']] : []),
  ])('%s changes nothing of a run', (_what, redirection) => {
    const result = shell(train(redirection));
    expect(result.code, result.stderr).toBe(0);
    expect(lastJson(result).state).toBe('succeeded');
    expect(result.left).toEqual([]);
  });
});

it('a spec that is not there is said before a nats-server is fetched', async () => {
  const cache = join(scratch(), 'cache');
  const env = { PATH: '', LOCKSTEP_NATS_SERVER: undefined, XDG_CACHE_HOME: cache };
  const { code, stderr } = await lockstep(['train', 'absent.yaml'], { env });
  expect(code).toBe(2);
  expect(stderr).not.toContain('fetching');
  expect(existsSync(cache)).toBe(false);
});
