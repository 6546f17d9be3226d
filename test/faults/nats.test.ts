/** A local cluster whose nats-server is killed: it is started again, and the parameters are the same as without. */
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { calmParameters } from '../support/calm-run.ts';
import { finish, lastJson, ROOT, scratch, seen, startLockstep } from '../support/lockstep.ts';
import { childrenOf, processTable } from '../support/processes.ts';

const SPEC = join(ROOT, 'examples/breast-cancer/job.yaml');
const LONG = ['--set', 'train.epochs=40'];

it('train goes on when its nats-server is killed twice, says so, and leaves nothing', async () => {
  const calm = await calmParameters();
  const temporary = scratch();
  const command = startLockstep(['train', SPEC, ...LONG, '--workers', '2', '--out', join(scratch(), 'out'), '--json'], {
    env: { TMPDIR: temporary },
  });
  onTestFinished(() => void command.kill('SIGKILL'));
  const ended = finish(command);
  const killServer = (): void => {
    const guardians = childrenOf(command, 'lockstep-nats-guardian');
    const server = processTable().find(
      ({ parent, args }) => guardians.includes(parent) && !args.includes('lockstep-nats-guardian'),
    );
    process.kill(server?.pid as number, 'SIGKILL');
  };
  await seen(command, 'stderr', 'epoch 3/40', ended);
  killServer();
  await seen(command, 'stderr', 'epoch 15/40', ended);
  killServer();
  const result = await ended;
  expect(result.code, result.stderr).toBe(0);
  expect(result.stderr.match(/nats-server ended; it starts again in/g)).toHaveLength(2);
  expect(lastJson(result).parametersSha256).toBe(calm);
  expect(processTable().filter(({ args }) => args.includes(temporary))).toEqual([]);
});
