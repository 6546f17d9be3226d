/** Case 54: more workers and threads than there are cores, as in a container. */
import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BIN, finish, ROOT, scratch } from '../support/lockstep.ts';

const SPEC = join(ROOT, 'test/cases/54-threads-in-a-container/job.yaml');
/** The command bound to the first core that this process may run on, where that can be had. */
const BOUND = boundToOne();

function boundToOne(): readonly string[] {
  try {
    const own = execFileSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8', stdio: 'pipe' });
    return ['taskset', '-c', /(\d+)[^:]*$/.exec(own)?.[1] ?? '0'];
  } catch {
    return [];
  }
}

async function train(...args: readonly string[]): Promise<{ line: string; sha256: string; said: string }> {
  const command = [...BOUND, process.execPath, BIN, 'train', SPEC, '--out', join(scratch(), 'out'), ...args];
  const [program = '', ...rest] = command;
  const child = spawn(program, rest, { env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const { code, stdout, stderr } = await finish(child);
  if (code !== 0) throw new Error(stderr);
  const said = stdout + stderr;
  return {
    line: /^.* on .*cores? .*$/m.exec(said)?.[0] ?? '',
    sha256: /sha-256 +([0-9a-f]{64})/.exec(said)?.[1] ?? '',
    said,
  };
}

it('trains to the same bits with any number of workers and threads, and says what they run on and why', async () => {
  const one = await train('--workers', '1');
  const two = await train('--workers', '2');
  const many = await train('--workers', '4', '--set', 'train.threadsPerLane=3');
  expect(one.sha256).toMatch(/^[0-9a-f]{64}$/);
  expect([two.sha256, many.sha256]).toEqual([one.sha256, one.sha256]);
  expect(many.said).not.toMatch(/affinity.*(fail|error)|setaffinity/i);
  expect(many.line).toMatch(/^4 workers x 3 threads on /);
  expect(two.line).toMatch(/^2 workers x 1 thread on /);
  if (BOUND.length > 0) expect(two.line).toMatch(/ 1 of \d+ cores \(.*\): they take turns$/);
});
